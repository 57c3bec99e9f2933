import { Type } from 'class-transformer';
import { IsInt, IsString, Max, Min } from 'class-validator';

/** What the console's own process needs to know. */
export class WebServerConfig {
  @Type(() => Number) @IsInt() @Min(0) @Max(65_535) PORT = 7070;
  @IsString() HOST = '127.0.0.1';
}
