/** Money as people read it. The api counts in millionths of a US dollar. */

const format = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const formatSmall = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 4 });

/** "$0.58"; amounts below a cent keep the digits that make them more than nothing. */
export function dollars(microusd: number): string {
  const amount = microusd / 1_000_000;
  return amount !== 0 && Math.abs(amount) < 0.01 ? formatSmall.format(amount) : format.format(amount);
}
