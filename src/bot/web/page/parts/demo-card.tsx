/** In the demo only: ways to break the sandbox patient on purpose, and see it found and healed. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { DemoFault } from '../../deps.ts';
import { get, Problem, post, type Reply } from '../api.ts';
import { hasRole, liveIncidents, session } from '../store.ts';
import { Press } from './press.tsx';

export function DemoCard(): JSX.Element | null {
  const [faults, setFaults] = useState<readonly DemoFault[]>([]);
  const isDemo = session.value?.demo === true;
  const load = (): void => {
    get<{ faults: readonly DemoFault[] }>('/api/demo').then(
      (answer) => setFaults(answer.faults),
      () => setFaults([]), // the banner says that nothing answers
    );
  };
  const changes = liveIncidents.value.map(({ id, version }) => `${id}${version}`).join();
  // Asked again when an incident changes: it may have ended a fault.
  useEffect(() => {
    if (isDemo) load();
  }, [isDemo, changes]);
  if (!isDemo || faults.length === 0) return null;
  return (
    <>
      <h2>Break something</h2>
      <section class="card rows demo">
        {faults.map((fault) => (
          <div key={fault.name}>
            <span>
              {fault.label}
              <small>{fault.summary}</small>
            </span>
            {fault.active ? (
              <span class="sub">under way</span>
            ) : (
              hasRole('operator') && (
                <Press label={`${fault.label}: ${verb(fault)}`} run={() => inject(fault.name)} done={load}>
                  {verb(fault)}
                </Press>
              )
            )}
          </div>
        ))}
      </section>
    </>
  );
}

/** The one entry that ends what the others began. */
function verb({ name }: DemoFault): string {
  return name === 'mend' ? 'Mend it' : 'Break it';
}

async function inject(fault: string): Promise<Reply> {
  try {
    return await post<Reply>('/api/demo/faults', { fault });
  } catch (cause) {
    const code = cause instanceof Problem ? cause.code : 'INTERNAL';
    return { ok: false, code, text: cause instanceof Error ? cause.message : String(cause), data: null };
  }
}
