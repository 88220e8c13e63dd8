using System.Linq.Expressions;

namespace Orleans.Runtime;

/// <summary>Calls a method of an object through its interface, without reflection.</summary>
internal abstract class MethodInvoker
{
    public static MethodInvoker Create(MethodDescriptor method) => method.Kind switch
    {
        ReturnKind.Void => new OfVoid(Compile<Action<object, object?[]>>(method)),
        ReturnKind.Task => new OfTask(Compile<Func<object, object?[], Task>>(method)),
        ReturnKind.ValueTask => new OfValueTask(Compile<Func<object, object?[], ValueTask>>(method)),
        ReturnKind.TaskOf => Make(typeof(OfTaskOf<>), method),
        ReturnKind.ValueTaskOf => Make(typeof(OfValueTaskOf<>), method),
        _ => new OfEnumerable(Compile<Func<object, object?[], object>>(method)),
    };

    /// <summary>Runs the method to its end and gives its result (null when it has none).</summary>
    public abstract ValueTask<object?> InvokeAsync(object target, object?[] arguments);

    private static MethodInvoker Make(Type definition, MethodDescriptor method) =>
        (MethodInvoker)Activator.CreateInstance(definition.MakeGenericType(method.ResultType), method)!;

    private static TDelegate Compile<TDelegate>(MethodDescriptor method)
        where TDelegate : Delegate
    {
        var target = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(object?[]));
        var call = Expression.Call(
            Expression.Convert(target, method.Method.DeclaringType!),
            method.Method,
            method.ParameterTypes.Select((type, i) =>
                (Expression)Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), type)));
        return Expression.Lambda<TDelegate>(call, target, arguments).Compile();
    }

    private sealed class OfVoid(Action<object, object?[]> call) : MethodInvoker
    {
        public override ValueTask<object?> InvokeAsync(object target, object?[] arguments)
        {
            call(target, arguments);
            return default;
        }
    }

    private sealed class OfTask(Func<object, object?[], Task> call) : MethodInvoker
    {
        public override async ValueTask<object?> InvokeAsync(object target, object?[] arguments)
        {
            await call(target, arguments);
            return null;
        }
    }

    private sealed class OfValueTask(Func<object, object?[], ValueTask> call) : MethodInvoker
    {
        public override async ValueTask<object?> InvokeAsync(object target, object?[] arguments)
        {
            await call(target, arguments);
            return null;
        }
    }

    private sealed class OfTaskOf<T>(MethodDescriptor method) : MethodInvoker
    {
        private readonly Func<object, object?[], Task<T>> _call = Compile<Func<object, object?[], Task<T>>>(method);

        public override async ValueTask<object?> InvokeAsync(object target, object?[] arguments) =>
            await _call(target, arguments);
    }

    private sealed class OfValueTaskOf<T>(MethodDescriptor method) : MethodInvoker
    {
        private readonly Func<object, object?[], ValueTask<T>> _call = Compile<Func<object, object?[], ValueTask<T>>>(method);

        public override async ValueTask<object?> InvokeAsync(object target, object?[] arguments) =>
            await _call(target, arguments);
    }

    // The enumerable itself is the result; the enumeration extension draws from it.
    private sealed class OfEnumerable(Func<object, object?[], object> call) : MethodInvoker
    {
        public override ValueTask<object?> InvokeAsync(object target, object?[] arguments) => new(call(target, arguments));
    }
}
