/** `/canvas?project=<id>`: one project. The id is in the query, as an exported page cannot have it in its path. */

import { Suspense } from "react";
import { LateAccountIsland } from "@/app/_account/late-account-island";
import { SessionGate } from "@/app/_account/session-gate";
import { CanvasPage } from "@/canvas/canvas-page";

export default function Page() {
  return (
    <SessionGate>
      <Suspense>
        <CanvasPage account={<LateAccountIsland />} />
      </Suspense>
    </SessionGate>
  );
}
