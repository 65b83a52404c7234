// Given, when, decides: how actors are tested. Arguments are frozen and every decision is made twice, so an
// impure actor fails its own specification.

import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { Actor } from "../actor.ts";
import { isJson } from "../json.ts";

/** Events and notes that happened, one input, and exactly what is decided on it. */
export function specify<State, Input, Event>(actor: Actor<State, Input, Event>, now: Date) {
  return {
    given: (...history: Event[]) => ({
      when: (input: Input, at: Date = now) => ({
        decides: (...expected: Event[]): void => {
          const state = deepFreeze(history.reduce(actor.evolve, deepFreeze(actor.initialState)));
          const decided = actor.decide(deepFreeze(input), state, at);
          expect(decided).toEqual(expected);
          expect(actor.decide(input, state, new Date(at))).toEqual(decided);
          const after = deepFreeze(decided).reduce(actor.evolve, state);
          expect(isJson(after), "the state is plain JSON").toBe(true);
          expect(isDeepStrictEqual(after, decided.reduce(actor.evolve, state))).toBe(true);
        },
      }),
    }),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
