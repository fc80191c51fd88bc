/** Small pictures to show on the nodes, painted by the browser that is measured: 320 × 180 WebP, as the api makes them. */

import { PICTURES } from "./sample-project.mjs";

/** The pictures' bytes, in order. */
export async function paintPictures(browser) {
  const page = await browser.newPage();
  const pictures = await page.evaluate(async (count) => {
    const paint = async (index) => {
      const canvas = document.createElement("canvas");
      canvas.width = 320;
      canvas.height = 180;
      const context = canvas.getContext("2d");
      const hue = (index * 47) % 360;
      const sky = context.createLinearGradient(0, 0, 0, 180);
      sky.addColorStop(0, `hsl(${hue} 55% 22%)`);
      sky.addColorStop(0.6, `hsl(${(hue + 40) % 360} 70% 55%)`);
      sky.addColorStop(1, `hsl(${(hue + 80) % 360} 60% 18%)`);
      context.fillStyle = sky;
      context.fillRect(0, 0, 320, 180);
      for (let hill = 0; hill < 40; hill++) {
        context.fillStyle = `hsl(${(hue + hill * 9) % 360} 40% ${10 + (hill % 7) * 4}% / 0.5)`;
        context.beginPath();
        context.arc((hill * 83 + index * 31) % 340, 140 + ((hill * 37) % 60), 12 + ((hill * 13) % 40), 0, 7);
        context.fill();
      }
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.8));
      return [...new Uint8Array(await blob.arrayBuffer())];
    };
    return Promise.all(Array.from({ length: count }, (_, index) => paint(index)));
  }, PICTURES);
  await page.close();
  return pictures.map((bytes) => Buffer.from(bytes));
}
