using System.Collections.Concurrent;

namespace XLLM.Grammar.Text;

/// <summary>
/// Automata of patterns, by their text. Kept for the process (patterns repeat from schema to schema), up to a number of states;
/// beyond it all are dropped. Thread-safe.
/// </summary>
internal static class Patterns
{
    private const long MaxKeptStates = 2_000_000;
    private static readonly ConcurrentDictionary<(string Pattern, PatternUse Use, int States, int Steps), Automaton> Kept = new();
    private static long _states;

    /// <exception cref="PatternException">The pattern is malformed or no automaton can keep it.</exception>
    /// <exception cref="RegexTooLargeException">It needs more than the limits allow.</exception>
    public static Automaton Search(string pattern, GrammarLimits limits) => Get(pattern, PatternUse.Search, limits);

    /// <inheritdoc cref="Search"/>
    public static Automaton Whole(string pattern, GrammarLimits limits) => Get(pattern, PatternUse.Whole, limits);

    /// <summary>A pattern of no schema, as a whole.</summary>
    /// <inheritdoc cref="Search"/>
    public static Automaton Ecma(string pattern, GrammarLimits limits) => Get(pattern, PatternUse.Ecma, limits);

    private static Automaton Get(string pattern, PatternUse use, GrammarLimits limits)
    {
        var key = (pattern, use, limits.MaxStates, limits.MaxPatternSteps);
        if (Kept.TryGetValue(key, out Automaton? known))
        {
            return known;
        }

        RegexPool pool = new(limits.MaxPatternSteps);
        PatternCompiler compiler = new(pool);
        PatternNode tree = PatternParser.Parse(pattern, ofSchema: use != PatternUse.Ecma);
        Automaton made = Automaton.FromRegex(pool, use == PatternUse.Search ? compiler.Search(tree) : compiler.Whole(tree), limits.MaxStates);
        if (Interlocked.Add(ref _states, made.States) > MaxKeptStates)
        {
            Kept.Clear();
            Interlocked.Exchange(ref _states, made.States);
        }

        Kept[key] = made;
        return made;
    }
}
