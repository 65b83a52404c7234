// The words of the rule language. Keywords are written in any case.

import { createToken, Lexer, type TokenType } from "chevrotain";

export const Identifier = createToken({
  name: "Identifier",
  pattern: unicode(/\p{L}[_\p{L}\p{Nd}]*/uy),
  line_breaks: false,
});

// The lexer rebuilds expressions without their `u` flag; a function keeps it.
function unicode(sticky: RegExp) {
  return (text: string, offset: number): RegExpExecArray | null => {
    sticky.lastIndex = offset;
    return sticky.exec(text);
  };
}

function keyword(name: string): TokenType {
  return createToken({ name, pattern: new RegExp(name, "i"), longer_alt: Identifier });
}

// SET and REMOVE begin a statement of an action and may name a property everywhere else.
function softKeyword(name: string): TokenType {
  const pattern = new RegExp(name, "i");
  return createToken({ name, pattern, longer_alt: Identifier, categories: [Identifier] });
}

export const And = keyword("AND");
export const Or = keyword("OR");
export const Not = keyword("NOT");
export const Is = keyword("IS");
export const Null = keyword("NULL");
export const In = keyword("IN");
export const Like = keyword("LIKE");
export const Escape = keyword("ESCAPE");
export const Exists = keyword("EXISTS");
export const True = keyword("TRUE");
export const False = keyword("FALSE");
export const SetWord = softKeyword("SET");
export const Remove = softKeyword("REMOVE");

export const Delimited = createToken({
  name: "Delimited",
  pattern: /\[(?:[^\]]|\]\])+\]/,
  line_breaks: true,
});
export const Quoted = createToken({ name: "Quoted", pattern: /"(?:[^"]|"")+"/, line_breaks: true });
export const Text = createToken({ name: "Text", pattern: /'(?:[^']|'')*'/, line_breaks: true });
export const Parameter = createToken({
  name: "Parameter",
  pattern: unicode(/@[_\p{L}][_\p{L}\p{Nd}]*/uy),
  line_breaks: false,
});
export const Real = createToken({
  name: "Real",
  pattern: /(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+/,
});
export const Integer = createToken({ name: "Integer", pattern: /\d+/ });

/** Any of the operators that compare. */
export const Comparison = createToken({ name: "Comparison", pattern: Lexer.NA });

function comparison(name: string, pattern: string | RegExp): TokenType {
  return createToken({ name, pattern, categories: [Comparison] });
}

export const NotEqual = comparison("NotEqual", /<>|!=/);
export const AtMost = comparison("AtMost", "<=");
export const AtLeast = comparison("AtLeast", ">=");
export const Less = comparison("Less", "<");
export const Greater = comparison("Greater", ">");
export const Equal = comparison("Equal", "=");
export const Plus = createToken({ name: "Plus", pattern: "+" });
export const Minus = createToken({ name: "Minus", pattern: "-" });
export const Times = createToken({ name: "Times", pattern: "*" });
export const Divide = createToken({ name: "Divide", pattern: "/" });
export const Modulo = createToken({ name: "Modulo", pattern: "%" });
export const Open = createToken({ name: "Open", pattern: "(" });
export const Close = createToken({ name: "Close", pattern: ")" });
export const Comma = createToken({ name: "Comma", pattern: "," });
export const Semicolon = createToken({ name: "Semicolon", pattern: ";" });
export const Dot = createToken({ name: "Dot", pattern: "." });
const Space = createToken({ name: "Space", pattern: /\s+/, group: Lexer.SKIPPED });

/** In the order in which they are tried. */
export const tokens: readonly TokenType[] = [
  Space,
  And,
  Or,
  Not,
  Is,
  Null,
  Like,
  Exists,
  Escape,
  True,
  False,
  SetWord,
  Remove,
  In,
  Identifier,
  Delimited,
  Quoted,
  Text,
  Parameter,
  Real,
  Integer,
  Comparison,
  NotEqual,
  AtMost,
  AtLeast,
  Less,
  Greater,
  Equal,
  Plus,
  Minus,
  Times,
  Divide,
  Modulo,
  Open,
  Close,
  Comma,
  Semicolon,
  Dot,
];
