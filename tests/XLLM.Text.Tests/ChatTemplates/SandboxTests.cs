using XLLM.Text.ChatTemplates;

namespace XLLM.Text.Tests.ChatTemplates;

/// <summary>Nothing but the template's own values can be reached, and none of them changed.</summary>
public class SandboxTests
{
    [Theory]
    [InlineData("{{ ''.__class__.__mro__ }}")]
    [InlineData("{{ ''['__class__']['__mro__'] }}")]
    [InlineData("{{ [].__class__.__base__.__subclasses__() }}")]
    [InlineData("{{ range.__globals__['os'] }}")]
    [InlineData("{{ (''|attr('__class__')).x }}")]
    [InlineData("{{ '{0.__class__.__mro__}'.format('') }}")]
    [InlineData("{{ '{0[__class__][x]}'.format('') }}")]
    [InlineData("{{ ['']|map(attribute='__class__.x')|list }}")]
    [InlineData("{{ [].append(1) }}")]
    [InlineData("{{ {}.update({}) }}")]
    [InlineData("{{ {'a': 1}.pop('a') }}")]
    [InlineData("{{ {}.setdefault('a', 1) }}")]
    [InlineData("{{ [2, 1].sort() }}")]
    [InlineData("{{ {}['clear']() }}")]
    [InlineData("{{ namespace().__init__.x }}")]
    [InlineData("{{ lipsum() }}")]
    public void Forbidden_attributes_fail_when_used(string source) => Rendering.Fails(source, TemplateErrorKind.Evaluation);

    [Theory]
    [InlineData("{% include 'x' %}", "include")]
    [InlineData("{% import 'x' as y %}", "import")]
    [InlineData("{% from 'x' import y %}", "from")]
    [InlineData("{% extends 'x' %}", "extends")]
    [InlineData("{% block x %}{% endblock %}", "block")]
    [InlineData("{% do x %}", "do")]
    [InlineData("{{ [1]|random }}", "random")]
    [InlineData("{{ 'x'|urlize }}", "urlize")]
    [InlineData("{{ 'x'|nofilter }}", "nofilter")]
    [InlineData("{{ 'x' is notest }}", "notest")]
    public void What_the_sandbox_lacks_is_refused_by_name_when_parsed(string source, string name)
    {
        TemplateException e = Assert.Throws<TemplateException>(() => ChatTemplate.Parse("a\n" + source));
        Assert.Equal((TemplateErrorKind.Syntax, 2), (e.Kind, e.Line));
        Assert.Contains($"'{name}'", e.Message);
    }

    [Fact]
    public void The_messages_stay_as_they_were() => Rendering.Fails("{% set m.role = 'x' %}", TemplateErrorKind.Evaluation, """{"m": {"role": "u"}}""");
}
