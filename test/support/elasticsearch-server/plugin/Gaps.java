package mailmanshipper.gaps;

import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.elasticsearch.Build;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * The core server as published for integration tests has no analysis module, which the index of users and keys needs, and no
 * GET /. This supplies just those. What differs between 8 and 9 is in Gaps8 and Gaps9.
 */
public abstract class Gaps extends Plugin implements AnalysisPlugin, ActionPlugin {
  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Map.of("uax_url_email", (index, node, name, settings) -> TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new));
  }

  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of(
      "lowercase", filter(settings -> LowerCaseFilter::new),
      "unique", filter(settings -> RemoveDuplicatesTokenFilter::new),
      "pattern_capture", filter(settings -> {
        Pattern[] patterns = settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
        boolean original = settings.getAsBoolean("preserve_original", true);
        return in -> new PatternCaptureGroupTokenFilter(in, original, patterns);
      }));
  }

  private static AnalysisProvider<TokenFilterFactory> filter(Function<Settings, Function<TokenStream, TokenStream>> make) {
    return (index, node, name, settings) -> {
      Function<TokenStream, TokenStream> wrap = make.apply(settings);
      return new TokenFilterFactory() {
        @Override
        public String name() {
          return name;
        }

        @Override
        public TokenStream create(TokenStream in) {
          return wrap.apply(in);
        }
      };
    };
  }

  static RestHandler root() {
    return new BaseRestHandler() {
      @Override
      public String getName() {
        return "gaps_root";
      }

      @Override
      public java.util.List<Route> routes() {
        return java.util.List.of(new Route(RestRequest.Method.GET, "/"));
      }

      @Override
      protected RestChannelConsumer prepareRequest(RestRequest request, org.elasticsearch.client.internal.node.NodeClient client) {
        return channel -> {
          try (XContentBuilder answer = channel.newBuilder()) {
            answer.startObject().startObject("version").field("number", Build.current().version()).endObject();
            answer.field("tagline", "You Know, for Search").endObject();
            channel.sendResponse(new RestResponse(RestStatus.OK, answer));
          }
        };
      }
    };
  }
}
