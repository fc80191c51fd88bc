"use client";
/** What running the selected node costs, what is left to spend, and the button. */

import { useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useStore } from "zustand";
import { modelsQuery } from "@/api/models";
import { leftMicrousd, moneyQuery } from "@/api/money";
import { useStudio } from "@/api/studio";
import { type NodeCost, nodeCost, priceDetail } from "@/canvas/inspector/price-detail";
import { Refusal } from "@/canvas/runs/refusal";
import { runStore } from "@/canvas/runs/run-store";
import { useRunActions } from "@/canvas/runs/use-run-actions";
import { type GraphNode, wiresInto } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { type EstimateState, useEstimate } from "@/nodes/estimate/use-estimate";
import { dollars } from "@/nodes/money";
import { parseVideoConfig } from "@/nodes/video/video-config";
import { Button } from "@/ui/button";
import { cn } from "@/ui/class-names";

export function RunFooter({ node }: { node: GraphNode }) {
  const project = useProject();
  const estimate = useEstimate({ scope: "node", nodeId: node.id, force: false });
  const cost = estimate.kind === "known" ? nodeCost(estimate.estimate.steps, node.id) : null;
  const another = useEstimate(cost?.isThere ? { scope: "node", nodeId: node.id, force: true } : null);
  const shown = cost?.isThere ? another : estimate;
  return (
    <footer className="flex flex-col gap-3 border-line border-t p-4">
      {shown.kind === "refused" ? (
        <Refusal problem={shown.problem} />
      ) : (
        <Price node={node} estimate={shown} isThere={cost?.isThere === true} />
      )}
      {project.canEdit && <RunButton nodeId={node.id} cost={cost} estimate={shown} />}
    </footer>
  );
}

function Price({ node, estimate, isThere }: { node: GraphNode; estimate: EstimateState; isThere: boolean }) {
  const { api } = useStudio();
  const { projectId } = useProject();
  const money = useQuery(moneyQuery(api, projectId)).data;
  const detail = useDetail(node);
  const cost = estimate.kind === "known" ? nodeCost(estimate.estimate.steps, node.id) : null;
  const isOld = estimate.kind !== "known" || estimate.isOld;
  return (
    <dl className="flex flex-col gap-1 text-body tabular-nums">
      <div className="flex items-baseline justify-between gap-3">
        <dt className="text-mut">{isThere ? "Cost of another take" : "Cost of this node"}</dt>
        <dd className={cn("font-semibold transition-opacity", isOld && "opacity-50")}>
          {cost ? dollars(cost.ownMicrousd) : "…"}
        </dd>
      </div>
      {cost !== null && cost.othersMicrousd > 0 && (
        <div className="flex items-baseline justify-between gap-3">
          <dt className="text-mut">What it needs first</dt>
          <dd>{dollars(cost.othersMicrousd)}</dd>
        </div>
      )}
      <div className="flex items-baseline justify-between gap-3 text-dim text-meta">
        <dt>{detail}</dt>
        {money && <dd>budget left {dollars(leftMicrousd(money))}</dd>}
      </div>
    </dl>
  );
}

function useDetail(node: GraphNode): string | null {
  const { api } = useStudio();
  const { graph } = useProject();
  const isExtension = useStore(graph, (now) =>
    wiresInto(now, node.id).some(({ target_port }) => target_port === "video"),
  );
  const catalogue = useQuery(modelsQuery(api)).data;
  const config = parseVideoConfig(node.config);
  const model = catalogue?.models.find(({ id }) => id === (config.model ?? catalogue.default));
  return model ? priceDetail(model, config, isExtension) : null;
}

interface RunButtonProps {
  nodeId: string;
  cost: NodeCost | null;
  estimate: EstimateState;
}

function RunButton({ nodeId, cost, estimate }: RunButtonProps) {
  const project = useProject();
  const { runNode } = useRunActions();
  const isStarting = useStore(runStore(project), (state) => state.kind === "starting");
  const isThere = cost?.isThere === true;
  if (cost?.isUnderWay) {
    return <p className="text-center text-body text-mut">It is being made.</p>;
  }
  return (
    <Button
      look={isThere ? "quiet" : "primary"}
      className="w-full"
      isBusy={isStarting}
      disabled={estimate.kind !== "known" || estimate.isOld}
      onClick={() => void runNode(nodeId, { force: isThere })}
    >
      {!isStarting && <Play aria-hidden className="size-3.5 fill-current" />}
      {isThere ? "Make another take" : "Run"}{" "}
      {estimate.kind === "known" && (
        <span className="tabular-nums opacity-70">{dollars(estimate.estimate.cost_microusd)}</span>
      )}
    </Button>
  );
}
