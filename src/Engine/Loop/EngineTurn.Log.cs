using Microsoft.Extensions.Logging;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Loop;

/// <summary>Messages of a turn.</summary>
internal sealed partial class EngineTurn
{
    [LoggerMessage(LogLevel.Debug, "Admitted {Request}: {Tokens} tokens, {Cached} of them from the prefix cache.")]
    private static partial void LogAdmitted(ILogger logger, string request, int tokens, int cached);

    [LoggerMessage(LogLevel.Debug, "Pre-empted {Request}: gives {Blocks} blocks back, {Tokens} tokens to compute again.")]
    private static partial void LogPreempted(ILogger logger, string request, int blocks, int tokens);

    [LoggerMessage(LogLevel.Debug, "Finished {Request}: {Outcome}, {PromptTokens} prompt and {GeneratedTokens} generated tokens.")]
    private static partial void LogFinished(
        ILogger logger, string request, RequestOutcome outcome, int promptTokens, int generatedTokens);

    [LoggerMessage(LogLevel.Debug, "Step {Step}: {Sequences} sequences, {Tokens} tokens, {Outputs} outputs, {Blocks} blocks left.")]
    private static partial void LogStep(ILogger logger, long step, int sequences, int tokens, int outputs, int blocks);

    [LoggerMessage(LogLevel.Error, "A step of {Sequences} sequences and {Tokens} tokens failed; each is tried alone.")]
    private static partial void LogStepFailed(ILogger logger, Exception error, int sequences, int tokens);

    [LoggerMessage(LogLevel.Error, "{Request} failed in a step of its own.")]
    private static partial void LogRequestFailed(ILogger logger, Exception error, string request);
}
