using System.Collections.Immutable;

namespace XLLM.Gateway.Structure;

/// <summary>Which tools an answer may or must call.</summary>
internal sealed record ToolChoice
{
    /// <summary>Any, or none.</summary>
    public static ToolChoice Auto { get; } = new();

    /// <summary>None are offered.</summary>
    public static ToolChoice None { get; } = new() { Offers = false };

    /// <summary>Tools are offered.</summary>
    public bool Offers { get; init; } = true;

    /// <summary>The answer must be calls.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Exactly one call: a named tool.</summary>
    public bool IsSingle { get; init; }

    /// <summary>Tools that may be called; empty = all.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    public static ToolChoice Required { get; } = new() { IsRequired = true };

    public static ToolChoice Named(string name) => new() { IsRequired = true, IsSingle = true, Names = [name] };

    public bool Allows(string name) => Names.IsEmpty || Names.Contains(name);
}
