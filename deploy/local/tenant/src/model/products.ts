// The products that people ask licences of: called alike in every language.

interface Product {
  /** What people call it. */
  readonly pattern: RegExp;
  /** What the directory calls it. */
  readonly partNumber: string;
}

/** The first that matches is meant. */
export const products: readonly Product[] = [
  { pattern: /\bSPE_E3\b|\b(?:microsoft|office|m) ?365 e3\b|\be3\b/i, partNumber: "SPE_E3" },
  { pattern: /\bVISIOCLIENT\b|\bvisio\b/i, partNumber: "VISIOCLIENT" },
  {
    pattern: /\bPROJECTPROFESSIONAL\b|\b(?:microsoft |ms )?project\b/i,
    partNumber: "PROJECTPROFESSIONAL",
  },
];
