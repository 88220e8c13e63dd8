namespace XLLM.Verification;

public enum SchemaVerdict
{
    Passed,

    /// <summary>The schema was refused with a reason.</summary>
    Refused,

    /// <summary>A valid text was refused: a fault.</summary>
    RefusesValid,

    /// <summary>An invalid text was taken: a fault.</summary>
    TakesInvalid,
}
