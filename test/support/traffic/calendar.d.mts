/** Seconds since 1970 → `May 19 18:00:07 2015`, UTC. */
export function stampOf(at: number): string
