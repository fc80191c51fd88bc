"use client";
/** The owner's limit on what the project may spend in all, typed in dollars. */

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { moneyQuery, setSpendingLimit } from "@/api/money";
import { projectKey } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { useProject } from "@/live/project-context";
import { useTask } from "@/nodes/use-task";
import { Button } from "@/ui/button";

/** services/api/routes/projects.py, SpendingLimit. */
const HIGHEST_LIMIT_MICROUSD = 10 ** 13;

export function LimitField() {
  const { api, queries } = useStudio();
  const { projectId } = useProject();
  const id = useId();
  const task = useTask();
  const [typed, setTyped] = useState<string | null>(null);
  const money = useQuery(moneyQuery(api, projectId)).data;
  const shown = typed ?? (money ? String(money.spending_limit_microusd / 1_000_000) : "");
  const wanted = readDollars(shown);
  const isNew = wanted !== null && money !== undefined && wanted !== money.spending_limit_microusd;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (wanted === null || !isNew) {
      return;
    }
    const isSet = await task.start(async () => {
      await setSpendingLimit(api, projectId, wanted);
      await queries.invalidateQueries({ queryKey: projectKey.money(projectId) });
    });
    if (isSet) {
      setTyped(null);
    }
  }

  return (
    <form onSubmit={submit} className="flex w-full flex-col gap-2">
      <label htmlFor={id} className="text-body text-mut">
        Spending limit
      </label>
      <div className="flex gap-2">
        <div className="flex h-9 min-w-0 flex-1 items-center gap-1 rounded-input bg-field px-3 shadow-[inset_0_0_0_1px_var(--color-line)] focus-within:outline-2 focus-within:outline-fg">
          <span aria-hidden className="text-mut">
            $
          </span>
          <input
            id={id}
            inputMode="decimal"
            autoComplete="off"
            value={shown}
            aria-invalid={(typed !== null && wanted === null) || undefined}
            onChange={({ target }) => setTyped(target.value)}
            className="w-full min-w-0 bg-transparent text-[16px] tabular-nums outline-none sm:text-body"
          />
        </div>
        <Button type="submit" isBusy={task.isBusy} disabled={!isNew}>
          Set
        </Button>
      </div>
      {typed !== null && wanted === null && (
        <p className="text-err-text text-meta">An amount in dollars, such as 25.</p>
      )}
    </form>
  );
}

/** The micro-dollars in a text such as "25" or "12.50"; null where it is none. */
export function readDollars(text: string): number | null {
  const trimmed = text.trim().replace(/^\$/, "");
  const amount = Math.round(Number(trimmed) * 1_000_000);
  return /^\d+(\.\d{0,6})?$/.test(trimmed) && amount <= HIGHEST_LIMIT_MICROUSD ? amount : null;
}
