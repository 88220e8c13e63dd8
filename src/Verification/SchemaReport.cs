namespace XLLM.Verification;

/// <summary>The outcome of a run over schemas with instances.</summary>
public sealed record SchemaReport(IReadOnlyList<SchemaCase> Cases, TimeSpread MaskTime, TimeSpread CompileTime, long Masks)
{
    public int Count(SchemaVerdict verdict) => Cases.Count(c => c.Verdict == verdict);
}
