using XLLM.Scheduling.Speculation;

namespace XLLM.Engine.Speculation;

/// <summary>Settings of speculative decoding. No setting changes a token of the output.</summary>
public sealed class SpeculationOptions
{
    public SpeculationMethod Method { get; set; }

    /// <summary>Longest draft of a request in a step, 1..64.</summary>
    public int MaxDraftTokens { get; set; } = 12;

    /// <summary>Most rows of a step for drafts of all requests, 1..4096.</summary>
    public int MaxRows { get; set; } = 64;

    /// <summary>
    /// Cost of a row, and of a draft model's guess, as a share of a step's cost before its rows, (0, 2]; 0 = both are measured
    /// while serving. Drafts get longer the cheaper they are.
    /// </summary>
    public double RowCost { get; set; }

    /// <summary>Longest run of tokens a suffix tree counts, 4..256.</summary>
    public int SuffixDepth { get; set; } = 64;

    /// <summary>Tokens that a matched token allows to propose, 0..64.</summary>
    public double SuffixFactor { get; set; } = 1;

    /// <summary>Tokens to propose beyond those, -64..64.</summary>
    public double SuffixOffset { get; set; }

    /// <summary>Least probability of a proposed path by the tree's counts, 0..1.</summary>
    public double SuffixMinProbability { get; set; } = 0.1;

    /// <summary>Last tokens of a request in its own tree or index, 512..2^24; about 90 bytes each when all differ.</summary>
    public int LocalTokens { get; set; } = 8192;

    /// <summary>
    /// Tokens of past responses in the global tree, oldest given up first, 512..2^24; 0 = no global tree. About 90 bytes each.
    /// Requests with a cache salt neither feed nor use it.
    /// </summary>
    public int GlobalTokens { get; set; } = 65_536;

    /// <summary>All that is wrong, one line each; empty = valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [];
        void Check<T>(string name, T value, bool right, string expected)
        {
            if (!right)
            {
                errors.Add($"Speculation.{name} is {value}; it must be {expected}.");
            }
        }

        Check(nameof(Method), Method, Enum.IsDefined(Method), "Off, Ngram, Suffix or Draft");
        Check(nameof(MaxDraftTokens), MaxDraftTokens, MaxDraftTokens is >= 1 and <= 64, "in 1..64");
        Check(nameof(MaxRows), MaxRows, MaxRows is >= 1 and <= 4096, "in 1..4096");
        Check(nameof(RowCost), RowCost, RowCost is >= 0 and <= 2, "in 0..2");
        Check(nameof(SuffixDepth), SuffixDepth, SuffixDepth is >= 4 and <= SuffixTree.DepthLimit, "in 4..256");
        Check(nameof(SuffixFactor), SuffixFactor, SuffixFactor is >= 0 and <= 64, "in 0..64");
        Check(nameof(SuffixOffset), SuffixOffset, SuffixOffset is >= -64 and <= 64, "in -64..64");
        Check(nameof(SuffixMinProbability), SuffixMinProbability, SuffixMinProbability is >= 0 and <= 1, "in 0..1");
        Check(nameof(LocalTokens), LocalTokens, LocalTokens is >= 512 and <= SuffixTree.WindowLimit, "in 512..16777216");
        Check(
            nameof(GlobalTokens), GlobalTokens, GlobalTokens is 0 or (>= 512 and <= SuffixTree.WindowLimit),
            "0 or in 512..16777216");
        return errors;
    }
}
