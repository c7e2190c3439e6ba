using KgOrleans.TestSupport;

namespace KgOrleans.Architecture.Tests;

[Trait("Suite", "Unit")]
public sealed class RepositoryTests
{
    private static readonly string Root = RepositoryRoot.Path;

    [Fact]
    public void Projects_reference_only_what_the_layers_allow() => Assert.Empty(ProjectRules.ForbiddenReferences(Root));

    [Fact]
    public void Folders_name_only_what_the_layers_allow() => Assert.Empty(FolderRules.ForbiddenArrows(Root));

    [Fact]
    public void Every_file_of_the_layered_projects_lies_in_a_folder() => Assert.Empty(FolderRules.FilesWithoutFolder(Root));

    [Theory]
    [InlineData("Kernels")]
    [InlineData("Ranking")]
    public void Folders_have_no_circle(string project) => Assert.Empty(FolderRules.Circles(Path.Combine(Root, "src", project), project));

    [Fact]
    public void Kernels_use_the_base_class_library_alone() => Assert.Empty(ProjectRules.KernelPackages(Root));

    [Fact]
    public void Every_package_has_its_version_in_one_place() => Assert.Empty(ProjectRules.PackagesWithoutCentralVersion(Root));

    [Fact]
    public void No_source_file_is_too_long() => Assert.Empty(ProjectRules.LongFiles(Root));

    [Fact]
    public void Every_project_is_in_the_solution() => Assert.Empty(ProjectRules.ProjectsOutsideTheSolution(Root));

    [Fact]
    public void No_project_is_empty() => Assert.Empty(ProjectRules.EmptyProjects(Root));

    /// <summary>A blob's name is split into state and grain at its first hyphen.</summary>
    [Fact]
    public void No_persistent_state_has_a_hyphen_in_its_name()
    {
        var names = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(file), @"\[PersistentState\(""([^""]*)""")).Select(m => m.Groups[1].Value).ToList();
        Assert.Contains("user", names);
        Assert.DoesNotContain(names, name => name.Contains('-', StringComparison.Ordinal));
    }

    [Fact]
    public void The_checks_see_the_projects_of_this_repository()
    {
        var names = ProjectRules.AllProjects(Root).Select(p => Path.GetFileNameWithoutExtension(p)).ToList();
        Assert.Superset(new HashSet<string> { "Kernels", "Ranking", "Grains", "Api", "Cli", "Lab", "Client", "Architecture.Tests", "Ranking.Tests" }, names.ToHashSet());
    }
}
