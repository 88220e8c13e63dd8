namespace XLLM.Cli.Bench.Chaos;

/// <summary>What came of one request, compared with the undisturbed run.</summary>
internal enum ChaosVerdict
{
    /// <summary>Every token once, in order, to the end.</summary>
    Whole,

    /// <summary>The stream ended in an error, or early: tokens are lost.</summary>
    Lost,

    /// <summary>More text than there should be: tokens came twice.</summary>
    Doubled,

    /// <summary>Other text.</summary>
    Different,
}
