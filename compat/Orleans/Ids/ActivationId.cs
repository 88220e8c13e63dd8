using System.Globalization;

namespace Orleans.Runtime;

/// <summary>Identity of one activation of a grain.</summary>
public readonly struct ActivationId(Guid key) : IEquatable<ActivationId>
{
    internal Guid Key { get; } = key;

    public bool IsDefault => Key == Guid.Empty;

    public static ActivationId NewId() => new(Guid.NewGuid());

    public static ActivationId FromParsableString(string activationId)
    {
        ArgumentNullException.ThrowIfNull(activationId);
        return new ActivationId(Guid.ParseExact(activationId.TrimStart('@'), "N"));
    }

    public string ToParsableString() => ToString();

    public bool Equals(ActivationId other) => Key == other.Key;

    public override bool Equals(object? obj) => obj is ActivationId other && Equals(other);

    public override int GetHashCode() => Key.GetHashCode();

    public override string ToString() => "@" + Key.ToString("N", CultureInfo.InvariantCulture);

    public static bool operator ==(ActivationId left, ActivationId right) => left.Equals(right);

    public static bool operator !=(ActivationId left, ActivationId right) => !left.Equals(right);
}
