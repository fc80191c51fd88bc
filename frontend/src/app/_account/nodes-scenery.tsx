/** The two small paintings in the drawing of the sign-in page. Their colours are paint, not theme: they look alike in both. */

/** A woman at dusk, seen from a little to the left. */
export function Face() {
  return (
    <svg viewBox="0 0 196 128" preserveAspectRatio="xMidYMid slice" className="size-full">
      <title>A face</title>
      <defs>
        <linearGradient id="face-sky" x1="0" y1="0" x2="1" y2="1">
          <stop stopColor="oklch(0.36 0.09 285)" />
          <stop offset="1" stopColor="oklch(0.7 0.13 55)" />
        </linearGradient>
        <linearGradient id="face-skin" x1="0" x2="1">
          <stop stopColor="oklch(0.58 0.08 45)" />
          <stop offset="1" stopColor="oklch(0.84 0.08 65)" />
        </linearGradient>
      </defs>
      <rect width="196" height="128" fill="url(#face-sky)" />
      <circle cx="168" cy="92" r="22" fill="oklch(0.93 0.1 85)" opacity="0.8" />
      <path d="M58 128c-2-40-6-98 42-100 44-2 46 52 42 100z" fill="oklch(0.24 0.04 30)" />
      <path d="M50 128c6-20 26-24 38-26v-14h26v14c14 2 32 8 36 26z" fill="oklch(0.66 0.14 75)" />
      <path d="M88 86h26v18c-6 8-20 8-26 0z" fill="oklch(0.6 0.08 48)" />
      <path d="M78 60c0-20 12-30 24-30s24 10 24 30c0 22-12 36-24 36s-24-14-24-36z" fill="url(#face-skin)" />
      <path
        d="M76 62c-2-26 10-38 26-38 18 0 30 14 26 38-4-12-10-18-16-24-8 10-26 14-36 24z"
        fill="oklch(0.28 0.05 35)"
      />
      <g fill="none" stroke="oklch(0.3 0.05 35)" strokeWidth="2" strokeLinecap="round">
        <path d="M88 61q5-3 9 0M108 61q5-3 9 0M97 83q6 4 11 0" />
      </g>
      <g fill="oklch(0.26 0.04 35)">
        <circle cx="93" cy="66" r="2" />
        <circle cx="112" cy="66" r="2" />
      </g>
      <g fill="none" stroke="oklch(0.97 0 0)" strokeWidth="1.6" strokeLinecap="round" opacity="0.9">
        <path d="M66 34v-8h8M138 34v-8h-8M66 94v8h8M138 94v8h-8" />
      </g>
    </svg>
  );
}

/** A lighthouse over the sea, and somebody who looks at it. */
export function Dusk() {
  return (
    <svg viewBox="0 0 320 180" preserveAspectRatio="xMidYMid slice" className="size-full">
      <title>A lighthouse at dusk</title>
      <defs>
        <linearGradient id="dusk" x1="0" y1="0" x2="0" y2="1">
          <stop stopColor="oklch(0.3 0.1 288)" />
          <stop offset="0.62" stopColor="oklch(0.64 0.15 45)" />
          <stop offset="1" stopColor="oklch(0.84 0.12 80)" />
        </linearGradient>
        <linearGradient id="beam" x1="0" x2="1">
          <stop stopColor="oklch(0.97 0.1 95)" stopOpacity="0.75" />
          <stop offset="1" stopColor="oklch(0.97 0.1 95)" stopOpacity="0" />
        </linearGradient>
      </defs>
      <rect width="320" height="180" fill="url(#dusk)" />
      <circle cx="226" cy="108" r="19" fill="oklch(0.95 0.09 90)" />
      <path d="M0 116h320v64H0z" fill="oklch(0.4 0.09 300)" opacity="0.88" />
      <path d="M198 128h56M208 139h38M216 150h22" stroke="oklch(0.9 0.1 85)" strokeWidth="3" strokeLinecap="round" />
      <path d="M0 180v-44c28-10 44-32 78-32s46 22 84 30c20 5 34 24 42 46z" fill="oklch(0.18 0.03 300)" />
      <path d="M90 49l214-32v46z" fill="url(#beam)" />
      <path d="M74 106l5-52h14l5 52z" fill="oklch(0.88 0.02 80)" />
      <path d="M77 88h18l1.5 9H76zM79 68h14l1 8H78z" fill="oklch(0.6 0.19 28)" />
      <rect x="79" y="44" width="14" height="10" rx="2" fill="oklch(0.95 0.14 95)" />
      <path d="M77 44l9-9 9 9z" fill="oklch(0.25 0.03 300)" />
      <path d="M136 128c0-10 3-16 7-16s7 6 7 16z" fill="oklch(0.66 0.14 75)" />
      <circle cx="143" cy="109" r="4.4" fill="oklch(0.26 0.05 35)" />
    </svg>
  );
}
