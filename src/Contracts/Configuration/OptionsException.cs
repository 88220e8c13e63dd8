namespace XLLM.Contracts.Configuration;

/// <summary>Configuration that cannot be used; the message lists every error, one a line.</summary>
public sealed class OptionsException(IReadOnlyList<string> errors)
    : Exception("The configuration is not valid:" + string.Concat(errors.Select(e => "\n  " + e)))
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
