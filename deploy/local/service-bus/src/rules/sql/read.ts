// Reads the text of a filter or an action, within the documented limits.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas

import { type IToken, Lexer } from "chevrotain";
import { EntityError } from "../../entities/entity-error.ts";
import { SqlParser } from "./parser.ts";
import { SqlError } from "./sql-error.ts";
import type { Condition, Statement } from "./syntax.ts";
import { Close, Open, tokens } from "./tokens.ts";

export const sqlLimits = {
  /** Characters of one expression. */
  expressionCharactersMax: 1_024,
  /** Statements of one action. */
  statementsMax: 32,
  /** Parentheses within parentheses; the parser works by recursion. */
  nestingMax: 64,
} as const;

/** @throws EntityError ("invalid") with the column and what is wrong there. */
export function readFilter(text: string): Condition {
  return read("filter", text, (parser) => parser.filter());
}

/** @throws EntityError ("invalid") with the column and what is wrong there. */
export function readAction(text: string): readonly Statement[] {
  return read("action", text, (parser) => {
    const statements = parser.action();
    if (statements !== undefined && statements.length > sqlLimits.statementsMax) {
      throw new SqlError(`at most ${sqlLimits.statementsMax} statements are allowed`, text.length);
    }
    return statements;
  });
}

let machinery: { readonly lexer: Lexer; readonly parser: SqlParser } | undefined;

// Building the tables of the grammar takes some 20 ms, which a bus without SQL rules need not spend.
function machine() {
  machinery ??= { lexer: new Lexer([...tokens]), parser: new SqlParser() };
  return machinery;
}

function read<Tree>(what: string, text: string, parse: (parser: SqlParser) => Tree): Tree {
  try {
    const most = sqlLimits.expressionCharactersMax;
    if (text.length > most) throw new SqlError(`longer than ${most} characters`, most);
    const { lexer, parser } = machine();
    const { tokens: found, errors } = lexer.tokenize(text);
    const [unreadable] = errors;
    if (unreadable !== undefined) throw unreadableAt(text, unreadable.offset);
    checkNesting(found);
    parser.input = found;
    const tree = parse(parser);
    const [error] = parser.errors;
    if (error === undefined) return tree;
    const { token } = error;
    if (Number.isNaN(token.startOffset) || token.image === "") {
      throw new SqlError("it ends too early", text.length);
    }
    throw new SqlError(`"${token.image}" is not expected here`, token.startOffset);
  } catch (cause) {
    throw refusalOf(what, cause);
  }
}

/** What is wrong with a text, with its column; any other error stays what it is. */
export function refusalOf(what: string, cause: unknown): unknown {
  if (!(cause instanceof SqlError)) return cause;
  const message = `the SQL ${what}, column ${cause.at + 1}: ${cause.message}`;
  return new EntityError("invalid", message, { cause });
}

function unreadableAt(text: string, offset: number): SqlError {
  switch (text[offset]) {
    case "'":
      return new SqlError("the string has no end", offset);
    case '"':
    case "[":
      return new SqlError("the name has no end, or is empty", offset);
  }
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  return new SqlError(`the character "${character}" has no meaning here`, offset);
}

function checkNesting(found: readonly IToken[]): void {
  let depth = 0;
  for (const { tokenType, startOffset } of found) {
    if (tokenType === Open) depth += 1;
    if (tokenType === Close) depth -= 1;
    if (depth > sqlLimits.nestingMax) throw new SqlError("nested too deeply", startOffset);
  }
}
