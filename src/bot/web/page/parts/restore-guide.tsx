/** The restore, with the same steps as in chat and terminal: preview, ask for a yes, next or abort, take back. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { command, type Reply } from '../api.ts';
import { Press } from './press.tsx';

export type RestoreView =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly id: string; readonly step: string }
  | { readonly kind: 'waiting'; readonly id: string; readonly done: readonly string[]; readonly next: string }
  | { readonly kind: 'done'; readonly id: string; readonly safety: string }
  | { readonly kind: 'rolled_back'; readonly id: string; readonly reason: string };

interface GuideProps {
  readonly state: RestoreView;
  readonly ids: readonly string[];
  readonly done: () => void;
}

export function RestoreGuide({ state, ids, done }: GuideProps): JSX.Element {
  return (
    <section class="card" aria-label="Restore">
      <h2>Restore</h2>
      <p class="sub" role="status">
        {stateWords(state)}
      </p>
      <Steps state={state} done={done} />
      {state.kind !== 'running' && state.kind !== 'waiting' && <Begin ids={ids} done={done} />}
    </section>
  );
}

function Steps({ state, done }: Omit<GuideProps, 'ids'>): JSX.Element | null {
  if (state.kind === 'waiting' || state.kind === 'running') {
    return (
      <div class="acts">
        {state.kind === 'waiting' && (
          <Press go run={() => command('restore next')} done={done}>
            Go on with {state.next}
          </Press>
        )}
        <Press
          confirm={{ question: 'Everything is put back as it was.', yes: 'Abort it' }}
          run={() => command('restore abort')}
          done={done}
        >
          Abort
        </Press>
      </div>
    );
  }
  if (state.kind !== 'done') return null;
  return (
    <div class="acts">
      <Press
        confirm={{ question: `Back to ${state.safety}, after a yes.`, yes: 'Ask for it' }}
        run={() => command('restore rollback')}
        done={done}
      >
        Take it back
      </Press>
    </div>
  );
}

function Begin({ ids, done }: Omit<GuideProps, 'state'>): JSX.Element {
  const [backup, setBackup] = useState('latest');
  const [section, setSection] = useState('config,data');
  const [preview, setPreview] = useState<Reply | null>(null);
  const options = { backup, section };
  const look = async (): Promise<Reply> => {
    const reply = await command('restore preview', options);
    setPreview(reply);
    return { ...reply, text: reply.ok ? 'This is what it would change.' : reply.text };
  };
  return (
    <>
      <div class="acts">
        <label>
          Backup{' '}
          <select value={backup} onChange={(event) => setBackup(event.currentTarget.value)}>
            {['latest', ...ids].map((id) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
        <label>
          Sections{' '}
          <select value={section} onChange={(event) => setSection(event.currentTarget.value)}>
            <option>config,data</option>
            <option>config</option>
            <option>data</option>
          </select>
        </label>
        <Press run={look}>Preview</Press>
      </div>
      {preview?.ok === true && (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{preview.text}</pre>
          <div class="acts">
            <Press go run={() => command('restore start', options)} done={done}>
              Ask for a yes
            </Press>
          </div>
        </>
      )}
    </>
  );
}

function stateWords(state: RestoreView): string {
  switch (state.kind) {
    case 'none':
      return 'No restore was made here.';
    case 'running':
      return `A restore of ${state.id} is under way: ${state.step}.`;
    case 'waiting':
      return `The restore of ${state.id} waits: ${state.done.join(', ')} is exchanged and checked.`;
    case 'done':
      return `The restore of ${state.id} is done. What was there before is in ${state.safety}.`;
    case 'rolled_back':
      return `The restore of ${state.id} was taken back: ${state.reason}.`;
  }
}
