/** A website's colour made readable: the nearest shade with enough contrast, on light and on dark ground. */

export type Rgb = [number, number, number]

export const parse = (color: string): Rgb => {
  const n = parseInt(color.slice(1), 16)
  return [n >> 16, (n >> 8) & 255, n & 255]
}

const luminance = (rgb: Rgb): number => {
  const [r, g, b] = rgb.map((part) => {
    const c = part / 255
    return c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92
  }) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(parse(a)), luminance(parse(b))].sort((x, y) => y - x)
  return (light! + 0.05) / (dark! + 0.05)
}

export const mix = (from: Rgb, to: Rgb, share: number): string =>
  `#${from
    .map((c, i) =>
      Math.round(c + (to[i]! - c) * share)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`

/** Moves towards black or white until it can be read on the ground. */
export function readableOn(ground: string, color: string, wanted = 4.5): string {
  const target: Rgb = luminance(parse(ground)) > 0.4 ? [0, 0, 0] : [255, 255, 255]
  for (let share = 0; share < 1; share += 0.04) {
    const shade = mix(parse(color), target, share)
    if (contrast(shade, ground) >= wanted) return shade
  }
  return mix(parse(color), target, 1)
}
