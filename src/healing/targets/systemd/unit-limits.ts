/** The two limits of a unit that the throttle lowers, by their names in systemd. */
export const UNIT_LIMITS = ['CPUQuotaPerSecUSec', 'MemoryHigh'] as const;
export type UnitLimitName = (typeof UNIT_LIMITS)[number];

/** Microseconds of processor time a second, and bytes. `null` = no limit. */
export type UnitLimits = Readonly<Record<UnitLimitName, number | null>>;

export type LimitsAnswer =
  | { readonly kind: 'limits'; readonly limits: UnitLimits }
  | { readonly kind: 'silent'; readonly reason: string };

export type SetLimitEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'lost'; readonly reason: string };
