using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Syntax;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>A macro, or the body of a call block as <c>caller</c>, with the variables in sight where it stands.</summary>
internal sealed class MacroValue(MacroDefinition macro, Scope scope) : CallableValue
{
    public override string TypeName => "Macro";

    public string Name => macro.Name;

    public override Value Call(RenderState state, CallArguments arguments)
    {
        Frame frame = new Frame(state, scope, new OutputBuffer(state)).Capturing();
        Dictionary<string, Value> named = new(arguments.Named, StringComparer.Ordinal);
        for (int i = 0; i < macro.Parameters.Count; i++)
        {
            string name = macro.Parameters[i];
            Value value = i < arguments.Positional.Count ? arguments.Positional[i]
                : named.Remove(name, out Value? given) ? given
                : macro.DefaultOf(i)?.Evaluate(frame) ?? new UndefinedValue($"parameter '{name}' was not provided");
            frame.Scope.Set(name, value);
        }

        BindRest(state, frame, arguments, named);
        macro.Body.Execute(frame);
        return frame.Captured();
    }

    public Value? Attribute(string name) => name switch
    {
        "name" => new StringValue(macro.Name),
        "arguments" => new TupleValue([.. macro.Parameters.Select(p => new StringValue(p))]),
        "caller" => BoolValue.Of(macro.UsesCaller),
        "catch_kwargs" => BoolValue.Of(macro.UsesNamed),
        "catch_varargs" => BoolValue.Of(macro.UsesMore),
        _ => null,
    };

    private void BindRest(RenderState state, Frame frame, CallArguments arguments, Dictionary<string, Value> named)
    {
        if (macro.UsesCaller)
        {
            frame.Scope.Set("caller", named.Remove("caller", out Value? caller) ? caller : new UndefinedValue("No caller defined"));
        }

        if (macro.UsesNamed)
        {
            DictValue rest = new();
            foreach ((string name, Value value) in arguments.Named.Where(a => named.ContainsKey(a.Key)))
            {
                rest.Set(name, value);
            }

            frame.Scope.Set("kwargs", rest);
        }
        else if (named.Count > 0)
        {
            throw state.Error($"macro '{macro.Name}' takes no keyword argument '{named.First().Key}'");
        }

        if (macro.UsesMore)
        {
            frame.Scope.Set("varargs", new TupleValue([.. arguments.Positional.Skip(macro.Parameters.Count)]));
        }
        else if (arguments.Positional.Count > macro.Parameters.Count)
        {
            throw state.Error($"macro '{macro.Name}' takes not more than {macro.Parameters.Count} argument(s)");
        }
    }
}
