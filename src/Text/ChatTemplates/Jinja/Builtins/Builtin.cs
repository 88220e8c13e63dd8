using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>
/// A filter, test, method or global function. The signature lists parameters by name, optional ones with a '?'; '*' takes further
/// positional arguments and '**' further named ones. The filtered, tested or bound value is not among them.
/// </summary>
internal sealed class Builtin
{
    private readonly string[] _parameters;
    private readonly int _required;
    private readonly bool _takesMore;
    private readonly bool _takesNamed;
    private readonly BuiltinBody _body;

    public Builtin(string name, string signature, BuiltinBody body)
    {
        Name = name;
        _body = body;
        string[] all = signature.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _takesMore = all.Contains("*");
        _takesNamed = all.Contains("**");
        string[] parameters = [.. all.Where(p => p[0] != '*')];
        _required = parameters.Count(p => !p.EndsWith('?'));
        _parameters = [.. parameters.Select(p => p.TrimEnd('?'))];
    }

    public string Name { get; }

    public Value Invoke(RenderState state, Value? self, CallArguments arguments)
    {
        Value?[] bound = new Value?[_parameters.Length];
        int given = Math.Min(arguments.Positional.Count, bound.Length);
        for (int i = 0; i < given; i++)
        {
            bound[i] = arguments.Positional[i];
        }

        if (arguments.Positional.Count > bound.Length && !_takesMore)
        {
            throw state.Error($"{Name}() takes at most {bound.Length} argument(s), {arguments.Positional.Count} given");
        }

        List<KeyValuePair<string, Value>> named = [];
        foreach ((string name, Value value) in arguments.Named)
        {
            int at = Array.IndexOf(_parameters, name);
            if (at >= 0 && bound[at] is null)
            {
                bound[at] = value;
            }
            else if (_takesNamed && at < 0)
            {
                named.Add(new(name, value));
            }
            else
            {
                throw state.Error(at < 0 ? $"{Name}() got an unexpected keyword argument '{name}'"
                    : $"{Name}() got multiple values for argument '{name}'");
            }
        }

        int missing = Array.FindIndex(bound, 0, _required, b => b is null);
        if (missing >= 0)
        {
            throw state.Error($"{Name}() needs the argument '{_parameters[missing]}'");
        }

        IReadOnlyList<Value> more = arguments.Positional.Count > given ? [.. arguments.Positional.Skip(given)] : [];
        return _body(new Invocation(state, Name, self ?? NoneValue.Instance, bound, more, named));
    }
}
