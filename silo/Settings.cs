using GlueOrleans.Silo.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo;

/// <summary>The configuration: where it comes from, and that every value of it can be used.</summary>
internal static class Settings
{
    /// <summary>The shipped settings, then those of the folder the node was started in, the environment, the command line.</summary>
    /// <exception cref="StartupException">A file is not JSON.</exception>
    public static WebApplicationBuilder Read(IReadOnlyList<string> commandLine)
    {
        try
        {
            var builder = WebApplication.CreateBuilder(
                new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
            );
            builder.Configuration.AddJsonFile(
                Path.Combine(Environment.CurrentDirectory, "appsettings.json"),
                optional: true,
                reloadOnChange: false
            );
            builder.Configuration.AddEnvironmentVariables();
            builder.Configuration.AddCommandLine([.. commandLine]);
            builder.Logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
            return builder;
        }
        catch (InvalidDataException e)
        {
            throw new StartupException($"{e.Message} {e.GetBaseException().Message}", e);
        }
    }

    /// <summary>Options from a section. They are checked by <see cref="Check"/>.</summary>
    /// <exception cref="StartupException">The section has a key that means nothing.</exception>
    public static OptionsBuilder<T> Bind<T>(this WebApplicationBuilder builder, string section)
        where T : class
    {
        var known = typeof(T).GetProperties().Select(property => property.Name).ToList();
        foreach (var given in builder.Configuration.GetSection(section).GetChildren())
        {
            if (!known.Contains(given.Key, StringComparer.OrdinalIgnoreCase))
            {
                throw new StartupException(
                    $"Unknown setting '{given.Path}': the section {section} has {string.Join(", ", known)}."
                );
            }
        }

        return builder
            .Services.AddOptions<T>()
            .BindConfiguration(section, options => options.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
    }

    /// <summary>As <see cref="Bind"/>, and reads the options at once, for what has to be known while the host is put together.</summary>
    /// <exception cref="StartupException">The section has a key that means nothing, or a value that cannot be used.</exception>
    public static T BindNow<T>(this WebApplicationBuilder builder, string section, IValidateOptions<T> validator)
        where T : class, new()
    {
        builder.Bind<T>(section);
        var options = Reading(() => builder.Configuration.GetSection(section).Get<T>() ?? new T());
        var result = validator.Validate(null, options);
        return result.Failed ? throw new StartupException(string.Join(" ", result.Failures)) : options;
    }

    /// <summary>Reads all options that were bound, before anything is started that would have to be stopped again.</summary>
    /// <exception cref="StartupException">A value cannot be read or is out of range.</exception>
    public static void Check(IServiceProvider services) =>
        Reading(() =>
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return 0;
        });

    /// <summary>Does what reads options; building the host reads some already.</summary>
    /// <exception cref="StartupException">A value cannot be read or is out of range.</exception>
    public static T Reading<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (OptionsValidationException e)
        {
            throw new StartupException(string.Join(" ", e.Failures), e);
        }
        catch (AggregateException e)
        {
            var faults = e.InnerExceptions.Select(fault => fault.Message).Distinct();
            throw new StartupException(string.Join(" ", faults), e);
        }
        catch (InvalidOperationException e) when (e.Source == "Microsoft.Extensions.Configuration.Binder")
        {
            throw new StartupException(e.Message, e);
        }
    }
}
