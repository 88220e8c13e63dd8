using XLLM.Grammar.Formulas;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>
/// The atoms about strings that some formulas speak of, made ready to run: names for enumerations, automata for patterns and
/// lengths.
/// </summary>
internal sealed class TextAtoms
{
    private readonly Dictionary<Atom, int> _columns = [];
    private readonly List<Automaton> _automata = [];

    /// <param name="formulas">Formulas over strings.</param>
    /// <param name="patterns">Further automata; their columns come first.</param>
    /// <param name="names">Further names.</param>
    /// <param name="limits">Caps.</param>
    /// <param name="skip">Length atoms that are kept by counting.</param>
    public TextAtoms(
        IEnumerable<Formula> formulas, IReadOnlyList<Automaton> patterns, IEnumerable<string> names, GrammarLimits limits,
        Func<Atom, bool>? skip = null)
    {
        List<Atom> atoms = Formula.AtomsOf(formulas);
        _automata.AddRange(patterns);
        HashSet<string> all = new(names, StringComparer.Ordinal);
        foreach (Atom atom in atoms.Distinct())
        {
            if (skip is not null && skip(atom))
            {
                Lengths.Add(atom is Atom.MinLength low ? low.Length : ((Atom.MaxLength)atom).Length + 1);
                continue;
            }

            Automaton? automaton = atom switch
            {
                Atom.Matches matches => matches.Automaton,
                Atom.MinLength min => Automaton.OfLength(min.Length, -1, limits.MaxStates),
                Atom.MaxLength max => Automaton.OfLength(0, max.Length, limits.MaxStates),
                _ => null,
            };
            if (automaton is not null)
            {
                _columns.Add(atom, _automata.Count);
                _automata.Add(automaton);
            }
            else if (atom is Atom.StringIn values)
            {
                all.UnionWith(values.Values);
            }
        }

        Machine = new TextMachine(new NameTrie(all), LabelAutomaton.Product(_automata, limits.MaxStates));
    }

    public TextMachine Machine { get; }

    /// <summary>Counts of code points from which on a skipped length atom has another truth.</summary>
    public List<int> Lengths { get; } = [];

    /// <param name="formula">What is asked.</param>
    /// <param name="name">Number of the name.</param>
    /// <param name="length">Its code points, for length atoms that were skipped.</param>
    public bool HoldsForName(Formula formula, int name, int length = 0) => formula.Holds(atom => atom is Atom.StringIn values
        ? values.Values.Contains(Machine.Trie.Names[name])
        : Column(atom, Machine.NameLabels[name], length));

    public bool HoldsForLabel(Formula formula, int label, int length = 0) =>
        formula.Holds(atom => atom is not Atom.StringIn && Column(atom, label, length));

    private bool Column(Atom atom, int label, int length) =>
        _columns.TryGetValue(atom, out int column) ? Machine.Automaton.Labels[label][column]
        : atom is Atom.MinLength min ? length >= min.Length
        : atom is not Atom.MaxLength max || length <= max.Length;
}
