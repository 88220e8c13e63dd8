using XLLM.Grammar.Text;

namespace XLLM.Grammar.Formulas;

/// <summary>An assertion about values of one kind; values of other kinds pass it.</summary>
internal abstract record Atom(ValueKind Kind)
{
    /// <summary>The value is of one of the kinds (bit i = kind i). The only atom that speaks about all values.</summary>
    internal sealed record OfKind(int Kinds) : Atom(ValueKind.Null);

    /// <summary>Equal to one of the strings. By reference: each enumeration is its own atom.</summary>
    internal sealed record StringIn(HashSet<string> Values) : Atom(ValueKind.String);

    internal sealed record Matches(Automaton Automaton) : Atom(ValueKind.String);

    internal sealed record MinLength(int Length) : Atom(ValueKind.String);

    internal sealed record MaxLength(int Length) : Atom(ValueKind.String);

    internal sealed record NumberIn(HashSet<Dec> Values) : Atom(ValueKind.Number);

    /// <summary>At least (or above) the bound; with <c>Upper</c> at most (or below).</summary>
    internal sealed record Bound(Dec Value, bool Upper, bool Exclusive) : Atom(ValueKind.Number);

    internal sealed record MultipleOf(Dec Unit) : Atom(ValueKind.Number);

    /// <summary>Written without fraction and exponent (what draft 4 calls an integer).</summary>
    internal sealed record PlainInteger() : Atom(ValueKind.Number);

    /// <summary>Values of the properties: by name, by patterns found in the name, and all that neither covers.</summary>
    internal sealed record Properties(
        IReadOnlyList<(string Name, Child Value)> Named,
        IReadOnlyList<(Automaton Pattern, Child Value)> Patterned,
        Child? Additional) : Atom(ValueKind.Object)
    {
        private Dictionary<string, Child>? _byName;

        /// <summary>Each is its own atom, whatever it says.</summary>
        public bool Equals(Properties? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        public Dictionary<string, Child> ByName => _byName ??= Named.ToDictionary(n => n.Name, n => n.Value, StringComparer.Ordinal);
    }

    internal sealed record Present(string Name) : Atom(ValueKind.Object);

    internal sealed record MinProperties(int Count) : Atom(ValueKind.Object);

    internal sealed record MaxProperties(int Count) : Atom(ValueKind.Object);

    internal sealed record PropertyNames(Child Name) : Atom(ValueKind.Object);

    internal sealed record Items(IReadOnlyList<Child> Prefix, Child? Rest) : Atom(ValueKind.Array);

    internal sealed record MinItems(int Count) : Atom(ValueKind.Array);

    internal sealed record MaxItems(int Count) : Atom(ValueKind.Array);

    internal sealed record MinContains(Child Item, int Count) : Atom(ValueKind.Array);

    internal sealed record MaxContains(Child Item, int Count) : Atom(ValueKind.Array);

    internal sealed record Unique() : Atom(ValueKind.Array);
}
