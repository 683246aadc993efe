/** The shapes of failure that are looked for, by the names they have in the configuration. */
export const SHAPE_KINDS = [
  'memory_leak',
  'disk_filling',
  'queue_stuck',
  'crash_loop',
  'flat_line',
  'latency_step',
  'success_drop',
] as const;
export type ShapeKind = (typeof SHAPE_KINDS)[number];
