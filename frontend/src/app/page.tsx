/** `/`: one's projects. */

import { SessionGate } from "@/app/_account/session-gate";
import { ProjectsPage } from "@/app/_projects/projects-page";

export default function Page() {
  return (
    <SessionGate>
      <ProjectsPage />
    </SessionGate>
  );
}
