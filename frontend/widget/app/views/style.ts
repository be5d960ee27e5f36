/** The look of forms, cards and the screens behind the home. */
import { adopt } from '../styles'
import css from './views.css?inline'
import './icons'

adopt(css)
