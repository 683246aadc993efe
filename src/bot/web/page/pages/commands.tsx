/** Any command of the table, typed as in chat. Arrow up brings back what was typed before. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { commandLine, type Reply } from '../api.ts';
import { Word } from '../parts/word.tsx';

interface Said {
  readonly number: number;
  readonly text: string;
  /** `null` while it runs. */
  readonly reply: Reply | null;
}

/** Kept while the page is open, over changes of place. */
const said: Signal<readonly Said[]> = signal([]);

export function Commands(): JSX.Element {
  return (
    <>
      <h1>Any command</h1>
      <p class="sub">
        The same words as <code>/ops</code> in chat. <code>help</code> lists them; <code>--dry-run</code> only
        says what would happen.
      </p>
      <CommandLine />
      <ol class="said" aria-live="polite">
        {said.value.toReversed().map((one) => (
          <li key={one.number} class="card">
            <p class="title">
              <code>{one.text}</code>
              {one.reply !== null && !one.reply.ok && <Word word={refusalWord(one.reply.code)} tone="warn" />}
            </p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
            <pre tabIndex={0}>{one.reply === null ? '…' : one.reply.text}</pre>
          </li>
        ))}
      </ol>
    </>
  );
}

function CommandLine(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [back, setBack] = useState(0);
  useEffect(() => input.current?.focus(), []);

  const recall = (steps: number): void => {
    const found = said.value.at(-steps);
    if (steps > 0 && found === undefined) return;
    setBack(Math.max(0, steps));
    setTyped(steps <= 0 ? '' : (found?.text ?? ''));
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const text = typed.trim().replace(/^\/ops(?:-admin)?\s+/, '');
    if (text !== '') void run(text);
    setTyped('');
    setBack(0);
  };
  return (
    <form class="field" onSubmit={submit}>
      <label>
        Command
        <input
          ref={input}
          class="code"
          value={typed}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder="status"
          enterkeyhint="send"
          onInput={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
            event.preventDefault();
            recall(back + (event.key === 'ArrowUp' ? 1 : -1));
          }}
        />
      </label>
      <button type="submit" class="go">
        Run
      </button>
    </form>
  );
}

async function run(text: string): Promise<void> {
  const number = (said.value.at(-1)?.number ?? 0) + 1;
  said.value = [...said.value, { number, text, reply: null }];
  const reply = await commandLine(text);
  said.value = said.value.map((one) => (one.number === number ? { ...one, reply } : one));
}

const REFUSALS: Readonly<Record<string, string>> = {
  FAILED: 'Failed',
  REFUSED: 'Refused',
  FORBIDDEN: 'Not allowed',
  NOT_FOUND: 'Not found',
  UNKNOWN_COMMAND: 'Unknown',
  BAD_OPTION: 'Not understood',
};

function refusalWord(code: string): string {
  return REFUSALS[code] ?? 'Failed';
}
