namespace XLLM.Engine.Speculation;

/// <summary>Where drafts come from.</summary>
public enum SpeculationMethod
{
    /// <summary>No speculation.</summary>
    Off = 0,

    /// <summary>What followed the latest place of the last few tokens in the request's own text (prompt lookup).</summary>
    Ngram = 1,

    /// <summary>Suffix trees over the request's own text and over past responses.</summary>
    Suffix = 2,

    /// <summary>A small model with the same vocabulary.</summary>
    Draft = 3,
}
