/**
 * A button that runs something on the server: it waits for the answer, cannot be pressed twice meanwhile, and says
 * what came of it. With `confirm` the first press only asks.
 */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Reply } from '../api.ts';
import { tell } from './notice.tsx';

interface PressProps {
  readonly run: () => Promise<Reply>;
  readonly children: ComponentChildren;
  readonly go?: boolean;
  /** What is asked before it counts, and what the yes is called. */
  readonly confirm?: { readonly question: string; readonly yes: string };
  readonly label?: string;
  readonly done?: () => void;
}

export function Press({ run, children, go = false, confirm, label, done }: PressProps): JSX.Element {
  const [stage, setStage] = useState<'idle' | 'asking' | 'busy'>('idle');

  const act = async (): Promise<void> => {
    setStage('busy');
    const reply = await run();
    setStage('idle');
    tell(reply);
    done?.();
  };

  if (stage === 'asking' && confirm !== undefined) {
    return <Question confirm={confirm} yes={() => void act()} no={() => setStage('idle')} />;
  }
  return (
    <button
      type="button"
      class={go ? 'go' : undefined}
      aria-label={label}
      aria-busy={stage === 'busy'}
      disabled={stage === 'busy'}
      onClick={() => (confirm === undefined ? void act() : setStage('asking'))}
    >
      {children}
    </button>
  );
}

interface QuestionProps {
  readonly confirm: { readonly question: string; readonly yes: string };
  readonly yes: () => void;
  readonly no: () => void;
}

function Question({ confirm, yes, no }: QuestionProps): JSX.Element {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand between buttons of one row
    <span class="question" role="group" aria-label={confirm.question}>
      <span>{confirm.question}</span>
      <span class="acts">
        <button type="button" class="go" ref={first} onClick={yes}>
          {confirm.yes}
        </button>
        <button type="button" onClick={no}>
          No
        </button>
      </span>
    </span>
  );
}
