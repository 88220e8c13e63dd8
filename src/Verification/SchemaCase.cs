namespace XLLM.Verification;

/// <summary>What came of one schema: passed, refused (with a cause), or a fault.</summary>
public sealed record SchemaCase(string Name, SchemaVerdict Verdict, string Cause, string Detail);
