/** The audit log: everything that was done, proposed or refused, and whether its chain holds. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AuditLine, AuditVerdict } from '../../../../domain/ports.ts';
import { get } from '../api.ts';
import { When } from '../parts/when.tsx';
import { Word } from '../parts/word.tsx';
import { go, place } from '../router.ts';
import { useLoaded } from '../use-loaded.ts';

export function Audit(): JSX.Element {
  const text = place.value.query.get('text') ?? '';
  const query = new URLSearchParams({ limit: '200', ...(text !== '' && { text }) });
  const [round, setRound] = useState(0);
  const loaded = useLoaded<{ lines: readonly AuditLine[] }>(`/api/audit?${query}`, String(round));
  return (
    <>
      <h1>Everything that was done</h1>
      <p class="sub">Each line carries the hash of the one before. No line, no action.</p>
      <Verify />
      <Search text={text} again={() => setRound(round + 1)} />
      {loaded.kind === 'failed' && <p class="sub">{loaded.reason}</p>}
      {loaded.kind === 'here' && <Lines lines={loaded.value.lines} />}
    </>
  );
}

function Search({ text, again }: { readonly text: string; readonly again: () => void }): JSX.Element {
  const [typed, setTyped] = useState(text);
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        go(typed === '' ? '/audit' : `/audit?text=${encodeURIComponent(typed)}`, 'replace');
        again();
      }}
    >
      <label>
        Words to look for
        <input type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      </label>
      <button type="submit">Search</button>
    </form>
  );
}

function Lines({ lines }: { readonly lines: readonly AuditLine[] }): JSX.Element {
  if (lines.length === 0) return <p class="sub">No such line.</p>;
  return (
    <section class="card rows audit">
      {lines.toReversed().map((line) => (
        <div key={line.seq}>
          <span class="when num">
            <When iso={line.time} precise />
            <small>{line.seq}</small>
          </span>
          <span>
            {line.text}
            <small>
              {line.kind} by {line.actor}
              {line.incidentId !== undefined && (
                <>
                  {' · '}
                  <a href={`/incidents/${line.incidentId}`}>{line.incidentId}</a>
                </>
              )}
            </small>
          </span>
        </div>
      ))}
    </section>
  );
}

function Verify(): JSX.Element {
  const [verdict, setVerdict] = useState<AuditVerdict | string | null>(null);
  const check = async (): Promise<void> => {
    setVerdict('Checking …');
    try {
      setVerdict(await get<AuditVerdict>('/api/audit/verify'));
    } catch (cause) {
      setVerdict(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <div class="acts verify">
      <button type="button" onClick={() => void check()}>
        Verify the chain
      </button>
      <span role="status" class="facts">
        {typeof verdict === 'string' && verdict}
        {verdict !== null && typeof verdict !== 'string' && <Verdict verdict={verdict} />}
      </span>
    </div>
  );
}

function Verdict({ verdict }: { readonly verdict: AuditVerdict }): JSX.Element {
  if (verdict.kind === 'intact') {
    return (
      <>
        <Word word="Intact" tone="ok" />
        <span class="sub">
          {verdict.lines} lines in {verdict.files} {verdict.files === 1 ? 'file' : 'files'}; head{' '}
          {verdict.head.slice(0, 12)}
        </span>
      </>
    );
  }
  return (
    <>
      <Word word="Broken" tone="crit" />
      <span class="sub">
        {verdict.file}, line {verdict.line}: {verdict.reason}
      </span>
    </>
  );
}
