namespace XLLM.Contracts.Configuration;

/// <summary>Options and all that is wrong with them. Use <paramref name="Value"/> only when there are no errors.</summary>
/// <param name="Value">The bound object; members that could not be read have their defaults.</param>
/// <param name="Errors">One line each, beginning with the key.</param>
public sealed record OptionsResult<T>(T Value, IReadOnlyList<string> Errors)
    where T : class
{
    /// <summary>The options, or an exception that lists every error.</summary>
    /// <exception cref="OptionsException">There are errors.</exception>
    public T OrThrow() => Errors.Count == 0 ? Value : throw new OptionsException(Errors);
}
