using System.Collections.Immutable;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Structure;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Timelines;

namespace XLLM.Gateway.Generation;

/// <summary>
/// What a chat and a completion request have in common, checked as far as that goes without the model. Null = not given: the
/// model's default, or OpenAI's, is taken.
/// </summary>
internal sealed record GenerationParameters
{
    /// <summary>Name of the model; null = the only one served.</summary>
    public string? Model { get; init; }

    public bool Stream { get; init; }

    /// <summary>A last event of a stream with the usage.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>The usage so far in every event of a stream.</summary>
    public bool ContinuousUsage { get; init; }

    /// <summary>Most tokens to generate; 0 is legal only for an echoed prompt.</summary>
    public int? MaxTokens { get; init; }

    public int MinTokens { get; init; }

    /// <summary>Continuations for each prompt, at least 1.</summary>
    public int Choices { get; init; } = 1;

    public ulong? Seed { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public int? TopK { get; init; }

    public float? MinP { get; init; }

    public float PresencePenalty { get; init; }

    public float FrequencyPenalty { get; init; }

    public float? RepetitionPenalty { get; init; }

    /// <summary>Tokens are not yet checked against the vocabulary.</summary>
    public ImmutableArray<TokenBias> LogitBias { get; init; } = [];

    /// <summary>Not empty strings that end the text.</summary>
    public ImmutableArray<string> Stop { get; init; } = [];

    public ImmutableArray<int> StopTokenIds { get; init; } = [];

    public bool IncludeStopString { get; init; }

    public bool IgnoreEos { get; init; }

    public bool SkipSpecialTokens { get; init; } = true;

    /// <summary>The form that the text must have; null = any.</summary>
    public OutputFormat? Format { get; init; }

    public string CacheSalt { get; init; } = "";

    public RequestPriority Priority { get; init; }

    /// <summary>How it came in; null = not by HTTP.</summary>
    public RequestOrigin? Origin { get; init; }

    public RequestSlo Slo { get; init; } = RequestSlo.None;

    /// <summary><c>gen_ai.operation.name</c> of OpenTelemetry.</summary>
    public string Operation { get; init; } = "chat";

    /// <summary>Where what is known of the request is put for its log line and its span; null = nobody asks.</summary>
    public RequestRecord? Record { get; init; }

    /// <summary>The API key its tokens are counted for; null without keys.</summary>
    public KeyUse? Key { get; init; }

    public LogprobOptions Logprobs { get; init; } = LogprobOptions.None;

    /// <summary>The prompts' pooled hidden states are wanted, and no text; None = text.</summary>
    public PoolingKind Pooling { get; init; }

    /// <summary>The prompt is part of the answer (completions only).</summary>
    public bool Echo { get; init; }
}
