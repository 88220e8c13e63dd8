using System.Reflection;

namespace Orleans.Serialization.Invocation;

/// <summary>A request: a method and its arguments.</summary>
public interface IInvokable
{
    string GetInterfaceName();

    Type GetInterfaceType();

    string GetMethodName();

    MethodInfo GetMethod();

    int GetArgumentCount();

    object? GetArgument(int index);
}
