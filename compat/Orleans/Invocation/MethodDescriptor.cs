using System.Reflection;
using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>A remotely callable method.</summary>
internal sealed class MethodDescriptor
{
    private readonly Lazy<MethodInvoker> _invoker;

    public MethodDescriptor(InterfaceDescriptor owner, MethodInfo method, int index)
    {
        Owner = owner;
        Method = method;
        Index = index;
        Id = WireNames.OfMethod(method);
        Kind = InterfaceRules.KindOf(method.ReturnType)!.Value;
        ParameterTypes = [.. method.GetParameters().Select(p => p.ParameterType)];
        ImmutableParameters = [.. method.GetParameters().Select(p => p.IsDefined(typeof(ImmutableAttribute), false))];
        ResultType = Kind is ReturnKind.TaskOf or ReturnKind.ValueTaskOf or ReturnKind.AsyncEnumerable
            ? method.ReturnType.GetGenericArguments()[0]
            : typeof(object);
        HasResult = Kind is ReturnKind.TaskOf or ReturnKind.ValueTaskOf;
        TokenIndex = Array.IndexOf(ParameterTypes, typeof(CancellationToken));
        IsOneWay = Kind == ReturnKind.Void || method.IsDefined(typeof(OneWayAttribute), false);
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute), false);
        IsAlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute), false);
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        _invoker = new(() => MethodInvoker.Create(this));
    }

    public InterfaceDescriptor Owner { get; }

    public MethodInfo Method { get; }

    public int Index { get; }

    /// <summary>Its name on the wire, unique in the interface.</summary>
    public string Id { get; }

    public ReturnKind Kind { get; }

    public Type[] ParameterTypes { get; }

    public bool[] ImmutableParameters { get; }

    /// <summary>Type of the result or of the items; object when there is none.</summary>
    public Type ResultType { get; }

    public bool HasResult { get; }

    /// <summary>Position of the CancellationToken parameter, or -1.</summary>
    public int TokenIndex { get; }

    public bool IsOneWay { get; }

    public bool IsReadOnly { get; }

    public bool IsAlwaysInterleave { get; }

    public TimeSpan? ResponseTimeout { get; }

    public MethodInvoker Invoker => _invoker.Value;

    public override string ToString() => $"{Owner.Type.Name}.{Method.Name}";
}
