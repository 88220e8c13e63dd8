namespace XLLM.Cli.Bench.Serve;

/// <summary>Which route is asked, and in what form prompts are sent.</summary>
internal enum ServeBackend
{
    /// <summary>/v1/completions, prompts as arrays of token ids.</summary>
    Completions,

    /// <summary>/v1/completions, prompts as words, about one token each.</summary>
    Words,

    /// <summary>/v1/chat/completions, one user message of words.</summary>
    Chat,
}
