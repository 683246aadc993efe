/**
 * The shipped strategies that the sandbox can use as they are (a test compares them with the shipped file): what a
 * drill measures is what a fresh installation would do.
 */
interface Ladder {
  readonly name: string;
  readonly match: { readonly kinds: readonly string[] };
  readonly actions: readonly unknown[];
}

export const SHIPPED_LADDERS: readonly Ladder[] = [
  {
    name: 'high_cpu',
    match: { kinds: ['high_cpu', 'high_load'] },
    actions: [{ kind: 'rate_limit', perSecond: 10, spanMinutes: 15 }, 'restart_process'],
  },
  {
    name: 'high_memory',
    match: { kinds: ['high_memory', 'memory_leak'] },
    actions: ['clear_cache', 'restart_worker'],
  },
  {
    name: 'low_success_rate',
    match: { kinds: ['low_success_rate'] },
    actions: [
      'llm_fallback',
      'restart_service',
      { kind: 'alert', message: 'Requests still fail after the fallback and a restart.' },
    ],
  },
  {
    name: 'high_latency',
    match: { kinds: ['high_latency'] },
    actions: ['enable_cache', { kind: 'scale_up_workers', by: 1 }],
  },
  { name: 'worker_down', match: { kinds: ['worker_down'] }, actions: ['restart_worker'] },
  { name: 'service_down', match: { kinds: ['service_down'] }, actions: ['restart_service'] },
];
