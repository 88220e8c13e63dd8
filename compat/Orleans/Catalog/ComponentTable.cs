namespace Orleans.Runtime;

/// <summary>Objects attached to an activation, by type. Any thread.</summary>
internal sealed class ComponentTable
{
    private readonly Dictionary<Type, object> _components = [];

    public TComponent? Get<TComponent>()
        where TComponent : class
    {
        lock (_components)
        {
            return _components.GetValueOrDefault(typeof(TComponent)) as TComponent;
        }
    }

    public void Set<TComponent>(TComponent? value)
        where TComponent : class
    {
        lock (_components)
        {
            if (value is null)
            {
                _components.Remove(typeof(TComponent));
            }
            else
            {
                _components[typeof(TComponent)] = value;
            }
        }
    }
}
