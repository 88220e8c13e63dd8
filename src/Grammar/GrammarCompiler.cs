using System.Text;
using System.Text.Json;
using XLLM.Grammar.Ebnf;
using XLLM.Grammar.Formulas;
using XLLM.Grammar.Machine;
using XLLM.Grammar.Schema;
using XLLM.Grammar.Text;

namespace XLLM.Grammar;

/// <summary>Makes grammars of their sources. Nothing here depends on a vocabulary. Thread-safe.</summary>
public static class GrammarCompiler
{
    /// <summary>A JSON value that satisfies a JSON Schema (drafts 4, 6, 7, 2019-09, 2020-12; by default 2020-12).</summary>
    /// <exception cref="GrammarRefusedException">The schema is malformed, cannot be kept exactly, or exceeds the limits.</exception>
    public static CompiledGrammar JsonSchema(string schema, GrammarOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        options ??= GrammarOptions.Default;
        Check(schema, options);
        return new CompiledGrammar(() => Machine(schema, options), options);
    }

    /// <summary>Any JSON object.</summary>
    public static CompiledGrammar JsonObject(GrammarOptions? options = null) => JsonSchema("""{"type":"object"}""", options);

    /// <summary>A text that a pattern matches as a whole (ECMA-262 syntax).</summary>
    /// <exception cref="GrammarRefusedException">The pattern is malformed, cannot be kept exactly, or exceeds the limits.</exception>
    public static CompiledGrammar Regex(string pattern, GrammarOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        options ??= GrammarOptions.Default;
        Check(pattern, options);
        try
        {
            Automaton automaton = Patterns.Whole(pattern, options.Limits);
            TextMachine machine = new(new NameTrie([]), LabelAutomaton.Product([automaton], options.Limits.MaxStates));
            return Plain(machine, new Gate([], [.. machine.Automaton.Labels.Select(l => l[0])]), options, "no text matches the pattern");
        }
        catch (Exception e) when (e is PatternException or RegexTooLargeException)
        {
            throw new GrammarRefusedException("#", "regex", e.Message);
        }
    }

    /// <summary>One of several texts.</summary>
    /// <exception cref="GrammarRefusedException">No choice is given, or they exceed the limits.</exception>
    public static CompiledGrammar Choice(IReadOnlyList<string> choices, GrammarOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(choices);
        options ??= GrammarOptions.Default;
        if (choices.Count == 0 || choices.Sum(c => (long)c.Length) > options.Limits.MaxSourceBytes)
        {
            throw new GrammarRefusedException("#", "choice", $"between 1 text and {options.Limits.MaxSourceBytes} characters are allowed");
        }

        TextMachine machine = new(new NameTrie(choices), LabelAutomaton.Product([], options.Limits.MaxStates));
        return Plain(machine, new Gate(Bits.Full(machine.Trie.Count), [false]), options, "no choice is given");
    }

    /// <summary>A text of a context-free grammar: rules <c>name ::= ...</c> in GBNF or EBNF, from the rule <c>root</c>.</summary>
    /// <exception cref="GrammarRefusedException">The grammar is malformed, left-recursive, or exceeds the limits.</exception>
    public static CompiledGrammar Ebnf(string grammar, GrammarOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        options ??= GrammarOptions.Default;
        Check(grammar, options);
        EbnfProgram program = EbnfProgram.Make(EbnfParser.Parse(grammar), options.Limits);
        return new CompiledGrammar(() => new EbnfMachine(program), options);
    }

    private static CompiledGrammar Plain(TextMachine machine, Gate gate, GrammarOptions options, string otherwise) =>
        machine.Live(0, 0, gate)
            ? new CompiledGrammar(() => new PlainMachine(machine, gate), options)
            : throw new GrammarRefusedException("#", "unsatisfiable", otherwise);

    private static JsonMachine Machine(string schema, GrammarOptions options)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = options.Limits.MaxDepth });
        }
        catch (JsonException e)
        {
            throw new GrammarRefusedException("#", "json", $"the schema is no JSON of a depth up to {options.Limits.MaxDepth}: {e.Message}");
        }

        using (document)
        {
            FormulaPool pool = new(options.Limits);
            return new JsonMachine(SchemaCompiler.Compile(document.RootElement, pool, options.Limits), pool, options);
        }
    }

    private static void Check(string source, GrammarOptions options)
    {
        if (Encoding.UTF8.GetByteCount(source) > options.Limits.MaxSourceBytes)
        {
            throw new GrammarRefusedException("#", "limit", $"the source is larger than {options.Limits.MaxSourceBytes} bytes");
        }
    }
}
