using System.ComponentModel.DataAnnotations;
using XLLM.Engine.Speculation;

namespace XLLM.Silo.Configuration;

/// <summary>Speculative decoding of an engine. It changes speed, never a token.</summary>
public sealed class EngineSpeculationOptions : IValidatableObject
{
    private static readonly SpeculationOptions Defaults = new();

    /// <summary>off, ngram, suffix or draft.</summary>
    public SpeculationMethod Method { get; set; } = Defaults.Method;

    /// <summary>The draft model, a GGUF file or a Hugging Face folder; needed with method draft, not allowed otherwise.</summary>
    public string DraftModel { get; set; } = "";

    /// <summary>Bytes of the draft model's KV pool, >= 1; default 64 MiB.</summary>
    public long DraftKvBytes { get; set; } = 64 << 20;

    /// <summary>Kernel threads of the draft model, 0..256; 0 = as many as the engine. Default 1: a small one gains little.</summary>
    public int DraftThreads { get; set; } = 1;

    /// <summary>Longest draft of a request in a step, 1..64.</summary>
    public int MaxDraftTokens { get; set; } = Defaults.MaxDraftTokens;

    /// <summary>Most rows of a step for drafts of all requests, 1..4096.</summary>
    public int MaxRows { get; set; } = Defaults.MaxRows;

    /// <summary>Cost of a row, and of a guess, as a share of a step's cost before its rows, 0..2; 0 = measured.</summary>
    public double RowCost { get; set; } = Defaults.RowCost;

    /// <summary>Longest run of tokens a suffix tree counts, 4..256.</summary>
    public int SuffixDepth { get; set; } = Defaults.SuffixDepth;

    /// <summary>Tokens that a matched token allows to propose, 0..64.</summary>
    public double SuffixFactor { get; set; } = Defaults.SuffixFactor;

    /// <summary>Tokens to propose beyond those, -64..64.</summary>
    public double SuffixOffset { get; set; } = Defaults.SuffixOffset;

    /// <summary>Least probability of a proposed path, 0..1.</summary>
    public double SuffixMinProbability { get; set; } = Defaults.SuffixMinProbability;

    /// <summary>Last tokens of a request in its own tree or index, 512..2^24.</summary>
    public int LocalTokens { get; set; } = Defaults.LocalTokens;

    /// <summary>Tokens of past responses in the global tree, 0 or 512..2^24; 0 = none.</summary>
    public int GlobalTokens { get; set; } = Defaults.GlobalTokens;

    /// <summary>As the engine takes them.</summary>
    public SpeculationOptions ToEngine() => new()
    {
        Method = Method,
        MaxDraftTokens = MaxDraftTokens,
        MaxRows = MaxRows,
        RowCost = RowCost,
        SuffixDepth = SuffixDepth,
        SuffixFactor = SuffixFactor,
        SuffixOffset = SuffixOffset,
        SuffixMinProbability = SuffixMinProbability,
        LocalTokens = LocalTokens,
        GlobalTokens = GlobalTokens,
    };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string error in ToEngine().Validate())
        {
            yield return new(error);
        }

        if (Method == SpeculationMethod.Draft && string.IsNullOrWhiteSpace(DraftModel))
        {
            yield return new("Speculation.DraftModel is empty; method draft needs a GGUF file or a Hugging Face folder.");
        }

        if (Method != SpeculationMethod.Draft && DraftModel.Length > 0)
        {
            yield return new($"Speculation.DraftModel is given, but Method is {Method}; it must be Draft.");
        }

        if (DraftKvBytes < 1)
        {
            yield return new($"Speculation.DraftKvBytes is {DraftKvBytes}; it must be 1 or more.");
        }

        if (DraftThreads is < 0 or > 256)
        {
            yield return new($"Speculation.DraftThreads is {DraftThreads}; it must be in 0..256.");
        }
    }
}
