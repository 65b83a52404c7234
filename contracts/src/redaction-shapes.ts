// Redaction rules for credentials that can be told by their own shape, wherever they stand. Pure.

import { isPlaceholder, looksEncoded, looksRandom, type RedactionRule } from "./redaction-rule.ts";

const isReal = (secret: string): boolean => !isPlaceholder(secret);
const hasBody = (block: string): boolean => /[A-Za-z0-9+/=]{16}/.test(withoutEnds(block));
const withoutEnds = (block: string): string =>
  block.replace(/^-----BEGIN [^\n]{0,60}?-----/, "").replace(/-----END [^\n]{0,60}$/, "");

export const shapeRules: readonly RedactionRule[] = [
  {
    name: "private-key",
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    holds: hasBody,
  },
  // JSON in base64 begins with eyJ: a web token, or what services hand out for their accounts.
  {
    name: "json-web-token",
    pattern: /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  },
  { name: "json-in-base64", pattern: /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{80,8000}={0,2}/g },
  // An Entra refresh token: a version, the application in base64, then a long tail.
  { name: "refresh-token", pattern: /(?<![\w.])[01]\.A[\w-]{20,200}\.[\w-]{80,8000}/g },
  { name: "shared-access-signature", pattern: /[?&;]sig=(?<secret>[A-Za-z0-9%+/=_-]{16,})/gi },
  // Entra client secrets have `7Q~` or `8Q~` after three characters.
  {
    name: "entra-client-secret",
    pattern: /(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~-])/g,
  },
  // Keys of Azure: 32 or 64 bytes in padded base64.
  {
    name: "azure-key",
    pattern: /(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==)(?![A-Za-z0-9+/=])/g,
    holds: looksEncoded,
  },
  { name: "aws-access-key", pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, holds: isReal },
  {
    name: "github-token",
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{40,255})/g,
    holds: isReal,
  },
  {
    name: "slack-token",
    pattern:
      /\bxox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,255}(?!#)|\bxapp-\d-[A-Za-z0-9-]{10,255}/g,
    holds: looksRandom,
  },
  {
    name: "slack-webhook",
    pattern:
      /hooks\.slack\.com\/(?:services|workflows|triggers)\/(?<secret>[A-Za-z0-9+/]{20,100})/g,
  },
  { name: "stripe-key", pattern: /\b(?:[rs]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,255}/g },
  {
    name: "openai-key",
    pattern: /\bsk-(?:proj-|svcacct-|admin-|ant-)?[A-Za-z0-9_-]{20,255}/g,
    holds: looksRandom,
  },
  { name: "google-key", pattern: /\bAIza[A-Za-z0-9_-]{35}/g, holds: isReal },
  { name: "google-token", pattern: /\bya29\.[A-Za-z0-9_-]{40,2000}/g },
  { name: "gitlab-token", pattern: /\bgl(?:pat|ptt|dt|rt)-[A-Za-z0-9_-]{20,255}/g, holds: isReal },
  { name: "sendgrid-key", pattern: /\bSG\.[\w-]{16,32}\.[\w-]{32,64}/g },
  { name: "bot-key", pattern: /\b\d{8,10}:A[A-Za-z0-9_-]{34}(?![\w-])/g, holds: looksEncoded },
  // The number of an application, a bar, and its key.
  { name: "numbered-key", pattern: /\b\d{12,20}\|[\w-]{24,64}(?![\w-])/g, holds: looksEncoded },
  // A few small letters that name the maker, then 28 characters and more that mean nothing. Conversations of
  // Teams look alike, and end in @thread.
  {
    name: "prefixed-token",
    pattern:
      /(?<![A-Za-z0-9_.-])[a-z]{2,8}[_-](?:[A-Za-z0-9]{1,20}[_-]){0,2}[A-Za-z0-9]{28,255}(?![A-Za-z0-9]|@|%40)/g,
    holds: looksEncoded,
  },
  {
    name: "address-with-password",
    pattern: /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{1,64}:(?<secret>[^\s/@]{1,128})@/gi,
  },
  // 48 digits in eight groups.
  { name: "bitlocker-recovery-key", pattern: /\b\d{6}(?:-\d{6}){7}\b/g },
];
