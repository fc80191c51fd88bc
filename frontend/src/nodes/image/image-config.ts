/** The settings of an image node (schemas/node_types/image.json). */

import * as z from "zod/mini";

const imageConfig = z.object({ asset_id: z.catch(z.nullable(z.string()), null) });

export function parseImageConfig(config: unknown): z.infer<typeof imageConfig> {
  return imageConfig.parse(config);
}
