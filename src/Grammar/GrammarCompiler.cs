using System.Text;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Grammar.Ebnf;
using XLLM.Grammar.Formulas;
using XLLM.Grammar.Machine;
using XLLM.Grammar.Schema;
using XLLM.Grammar.Structures;
using XLLM.Grammar.Text;

namespace XLLM.Grammar;

/// <summary>Makes grammars of their sources. Nothing here depends on a vocabulary. Thread-safe.</summary>
public static class GrammarCompiler
{
    /// <summary>A JSON value that satisfies a JSON Schema (drafts 4, 6, 7, 2019-09, 2020-12; by default 2020-12).</summary>
    /// <exception cref="GrammarRefusedException">The schema is malformed, cannot be kept exactly, or exceeds the
    /// limits.</exception>
    public static CompiledGrammar JsonSchema(string schema, GrammarOptions? options = null)
    {
        options ??= GrammarOptions.Default;
        return new CompiledGrammar(SchemaMachine(schema, options), options);
    }

    /// <summary>Any JSON object.</summary>
    public static CompiledGrammar JsonObject(GrammarOptions? options = null) => JsonSchema("""{"type":"object"}""", options);

    /// <summary>A text that a pattern matches as a whole (ECMA-262 syntax).</summary>
    /// <exception cref="GrammarRefusedException">The pattern is malformed, cannot be kept exactly, or exceeds the
    /// limits.</exception>
    public static CompiledGrammar Regex(string pattern, GrammarOptions? options = null)
    {
        options ??= GrammarOptions.Default;
        return new CompiledGrammar(PatternMachine(pattern, options), options);
    }

    /// <summary>One of several texts.</summary>
    /// <exception cref="GrammarRefusedException">No choice is given, or they exceed the limits.</exception>
    public static CompiledGrammar Choice(IReadOnlyList<string> choices, GrammarOptions? options = null)
    {
        options ??= GrammarOptions.Default;
        return new CompiledGrammar(ChoiceMachine(choices, options), options);
    }

    /// <summary>A text of a context-free grammar: rules <c>name ::= ...</c> in GBNF or EBNF, from the rule <c>root</c>.</summary>
    /// <exception cref="GrammarRefusedException">The grammar is malformed, left-recursive, or exceeds the limits.</exception>
    public static CompiledGrammar Ebnf(string grammar, GrammarOptions? options = null)
    {
        options ??= GrammarOptions.Default;
        return new CompiledGrammar(EbnfMachine(grammar, options), options);
    }

    /// <summary>What a request wants its output to be: leaves as above, put together.</summary>
    /// <exception cref="GrammarRefusedException">
    /// A part is refused (the path is that within its schema), the tree is malformed, or exceeds the limits.
    /// </exception>
    public static CompiledGrammar Structure(OutputStructure structure, GrammarOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(structure);
        options ??= GrammarOptions.Default;
        return new CompiledGrammar(StructureBuilder.Build(structure, options), options);
    }

    internal static Func<ByteMachine> SchemaMachine(string schema, GrammarOptions options)
    {
        ArgumentNullException.ThrowIfNull(schema);
        Check(schema, options);
        return () => Machine(schema, options);
    }

    internal static Func<ByteMachine> PatternMachine(string pattern, GrammarOptions options)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        Check(pattern, options);
        try
        {
            Automaton automaton = Patterns.Ecma(pattern, options.Limits);
            TextMachine machine = new(new NameTrie([]), LabelAutomaton.Product([automaton], options.Limits.MaxStates));
            return Plain(machine, new Gate([], [.. machine.Automaton.Labels.Select(l => l[0])]), "no text matches the pattern");
        }
        catch (Exception e) when (e is PatternException or RegexTooLargeException)
        {
            throw new GrammarRefusedException("#", "regex", e.Message);
        }
    }

    internal static Func<ByteMachine> ChoiceMachine(IReadOnlyList<string> choices, GrammarOptions options)
    {
        ArgumentNullException.ThrowIfNull(choices);
        if (choices.Count == 0 || choices.Sum(c => (long)c.Length) > options.Limits.MaxSourceBytes)
        {
            throw new GrammarRefusedException("#", "choice", $"between 1 text and {options.Limits.MaxSourceBytes} characters are allowed");
        }

        TextMachine machine = new(new NameTrie(choices), LabelAutomaton.Product([], options.Limits.MaxStates));
        return Plain(machine, new Gate(Bits.Full(machine.Trie.Count), [false]), "no choice is given");
    }

    internal static Func<ByteMachine> EbnfMachine(string grammar, GrammarOptions options)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        Check(grammar, options);
        EbnfProgram program = EbnfProgram.Make(EbnfParser.Parse(grammar), options.Limits);
        return () => new EbnfMachine(program);
    }

    private static Func<ByteMachine> Plain(TextMachine machine, Gate gate, string otherwise) =>
        machine.Live(0, 0, gate)
            ? () => new PlainMachine(machine, gate)
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
