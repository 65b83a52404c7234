// The offline verifier. Its parts are added by the evidence work; this file only reserves the name.
export {};
