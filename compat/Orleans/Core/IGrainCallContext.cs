using System.Reflection;
using Orleans.Runtime;

namespace Orleans;

/// <summary>A call on its way, as filters see it.</summary>
public interface IGrainCallContext
{
    /// <summary>The grain object (incoming) or its reference (outgoing).</summary>
    object Grain { get; }

    MethodInfo InterfaceMethod { get; }

    string InterfaceName { get; }

    GrainInterfaceType InterfaceType { get; }

    string MethodName { get; }

    /// <summary>The caller, when it is a grain.</summary>
    GrainId? SourceId { get; }

    GrainId TargetId { get; }

    /// <summary>Set after <see cref="Invoke"/>.</summary>
    object? Result { get; set; }

    /// <summary>Goes on to the next filter, in the end to the grain.</summary>
    Task Invoke();
}
