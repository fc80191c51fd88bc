/** The catalogue of video models, for their names. */

import { queryOptions } from "@tanstack/react-query";
import { type ApiClient, answered } from "@/api/client";

/** Every video model the server offers; it changes only with a release. */
export function modelsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: ["models"],
    queryFn: () => answered(api.GET("/api/ai/models")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
